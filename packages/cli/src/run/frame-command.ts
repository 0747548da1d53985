import {
  InvalidInputError,
  type Plan,
  type Report,
  scheduleDefaults,
  seconds,
  type Trace,
  traceOf,
} from '@tandem/core';
import { systemClock } from '@tandem/node';
import { plannedClocks } from '@tandem/runtime';
import { readToken } from '../agent/read-token.ts';
import { checkBesideFlags } from '../beside/beside-choice.ts';
import type { FrameOrder, RunFlags } from '../flags.ts';
import { checkTraceFiles, saveTrace } from '../metrics/save-trace.ts';
import type { Output } from '../output.ts';
import { type Prepared, prepare } from '../plan/prepare.ts';
import { slowLines } from '../slow-lines.ts';
import { stopSignal } from '../stop-signal.ts';
import { openFleet } from './fleet.ts';
import type { FrameFigures } from './frame-figures.ts';
import { type StreamedFrames, streamFrames, topOf } from './frame-stream.ts';
import { frameText } from './frame-text.ts';
import { type Frames, framesOf } from './frames-of.ts';
import { keepingLearned } from './keeping-learned.ts';
import { cardOf } from './picture-inputs.ts';
import { planFor, requireToken } from './plan-for.ts';
import { type DecisionRow, type RunDecisions, runDecisions } from './run-decisions.ts';
import { cargoOf, devicesOf, slowProgress } from './split-run.ts';
import { withWhole } from './whole-model.ts';

/** What `tandem run --stream --json` prints. */
export interface FrameResult extends FrameFigures {
  readonly model: string;
  readonly planner: string;
  readonly frames: number;
  readonly order: FrameOrder;
  /** Stages behind which requests are decided about. */
  readonly decisions: readonly DecisionRow[];
  readonly notes: readonly string[];
}

interface FrameRun {
  readonly prepared: Prepared;
  readonly plan: Plan;
  readonly report: Report;
  readonly planned: RunDecisions;
  readonly frames: Frames;
  readonly flags: RunFlags;
  readonly output: Output;
  readonly signal: AbortSignal;
}

/** `tandem run --stream DATA`: each frame once, through agents that decide as `--calibration` says. Exit status 1 when one fails. */
export async function frameCommand(
  model: string,
  flags: RunFlags,
  path: string,
  output: Output,
): Promise<void> {
  checkFrameFlags(flags);
  const signal = stopSignal();
  await checkTraceFiles(flags);
  const order = flags.order ?? 'ordered';
  const prepared = await prepare(model, flags, output);
  try {
    const { problem } = prepared;
    const { graph } = problem;
    const frames = await framesOf({ path, graph, card: cardOf(flags), range: flags.range }, order);
    const { plan, report } = await planFor(prepared, flags, signal);
    const { calibration, centres } = flags;
    const planned = await runDecisions({ problem, plan, report, calibration, centres });
    const run = { prepared, plan, report, planned, frames, flags, output, signal };
    const { streamed, decisions, trace } = await runFrames(run);
    if (trace !== null) await saveTrace(trace, flags, output);
    const whole = flags.full === true ? await wholeLabels(run) : null;
    const result: FrameResult = {
      model: graph.name,
      planner: plan.planner,
      frames: frames.count,
      order,
      ...streamed.meter.finish(streamed.elapsedSeconds, whole),
      decisions,
      notes: planned.notes,
    };
    output.answer(result, () => frameText(result));
    if (result.failed > 0) process.exitCode = 1;
  } finally {
    await prepared.loaded.close();
  }
}

/** What a stream of frames does not do is refused rather than left out. */
function checkFrameFlags(flags: RunFlags): void {
  const ofRequests = (
    ['unordered', 'repair', 'standby', 'adapt', 'sensors', 'mission', 'journal', 'both', 'beside'] as const
  ).find((name) => flags[name] !== undefined);
  if (ofRequests !== undefined)
    throw new InvalidInputError(
      `--${ofRequests} was given with a stream of frames, which does not have it`,
      'Leave it out, or send one input many times: --requests N.',
    );
  checkBesideFlags(flags);
}

async function runFrames(run: FrameRun): Promise<{
  readonly streamed: StreamedFrames;
  readonly decisions: FrameResult['decisions'];
  /** Null where nobody asked for it. */
  readonly trace: Trace | null;
}> {
  const { prepared, plan, report, planned, flags, signal, output } = run;
  const { loaded, problem } = prepared;
  const { progress } = output;
  const { optimisation, timeout: timeoutSeconds, transport } = flags;
  const token = flags.token === undefined ? undefined : await readToken(flags.token);
  const devices = devicesOf({ problem, plan });
  requireToken(devices, token);
  const { decisions } = planned;
  const cargo = cargoOf({ loaded, problem, plan, report, optimisation, timeoutSeconds, decisions });
  const pin = flags.pin === true;
  const isTraced = flags.trace !== undefined || flags.perfetto !== undefined;
  const fleet = await openFleet({ devices, token, transport, pin, signal, log: progress });
  try {
    const window = flags.window ?? scheduleDefaults.window;
    await fleet.gateway.deploy(cargo.deployment, cargo.segments, {
      signal,
      onProgress: slowProgress(progress),
      window,
      waiting: Math.max(scheduleDefaults.waiting, run.frames.count),
      ordered: true,
      matrices: planned.matrices,
      clocks: plannedClocks(problem, plan),
      ...(isTraced ? { trace: { model: problem.graph.name, planner: plan.planner } } : {}),
    });
    progress(`streaming ${run.frames.count} frames`);
    const startSeconds = systemClock.now();
    const save = (): Promise<unknown> => planned.learned(fleet.gateway, signal);
    const keeping = { isKept: planned.isKept, save, signal, progress };
    const streamed = await keepingLearned(keeping, () =>
      streamFrames(fleet.gateway, {
        frames: run.frames,
        perSecond: flags.rate ?? null,
        window,
        timeoutSeconds: seconds(timeoutSeconds),
        signal,
        progress,
      }),
    );
    const decided = await planned.learned(fleet.gateway, signal);
    const trace = isTraced ? await fleet.gateway.trace(signal) : null;
    return { streamed, decisions: decided, trace: trace === null ? null : since(trace, startSeconds) };
  } finally {
    await fleet.close();
  }
}

/** What happened before the frames came is none of theirs. */
function since({ header, events }: Trace, startSeconds: number): Trace {
  return traceOf(
    header,
    events.filter(({ atSeconds }) => atSeconds >= startSeconds),
  );
}

/** The whole model's label of each frame; asked afterwards, so that it does not slow down what is measured. */
async function wholeLabels(run: FrameRun): Promise<ReadonlyMap<number, number>> {
  const { prepared, frames, flags, signal, output } = run;
  const { loaded, problem } = prepared;
  const options = { threads: 1, optimisation: flags.optimisation, signal };
  output.progress(`asking the whole model about ${frames.count} frames`);
  return await withWhole(loaded, problem.graph, options, async (answer) => {
    const labels = new Map<number, number>();
    const progress = slowLines(output.progress);
    for (let at = 0; at < frames.count; at++) {
      signal.throwIfAborted();
      labels.set(at, topOf((await answer(await frames.read(at))).outputs));
      progress(`the whole model has answered ${at + 1} of ${frames.count} frames`);
    }
    return labels;
  });
}
