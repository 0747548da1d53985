import { InvalidInputError } from '@tandem/core';
import { checkBesideFlags } from '../beside/beside-choice.ts';
import type { FrameOrder, RunFlags } from '../flags.ts';
import { checkTraceFiles, saveTrace } from '../metrics/save-trace.ts';
import type { Output } from '../output.ts';
import { prepare } from '../plan/prepare.ts';
import { slowLines } from '../slow-lines.ts';
import { stopSignal } from '../stop-signal.ts';
import type { AdaptedRow } from './adapted-stream.ts';
import type { FrameFigures } from './frame-figures.ts';
import { type FrameRun, runFrames } from './frame-run.ts';
import { topOf } from './frame-stream.ts';
import { frameText } from './frame-text.ts';
import { framesOf } from './frames-of.ts';
import { cardOf } from './picture-inputs.ts';
import { adaptablePlan, planChoices } from './plan-choices.ts';
import { planFor } from './plan-for.ts';
import { type DecisionRow, runDecisions } from './run-decisions.ts';
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
  /** With --adapt. */
  readonly adapted?: AdaptedRow;
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
    const { plan, report } = adaptablePlan(prepared, await planFor(prepared, flags, signal), flags);
    const { progress } = output;
    const others = await planChoices(prepared, plan, flags, { signal, progress });
    const { calibration, centres } = flags;
    const planned = await runDecisions({ problem, plan, report, calibration, centres });
    const run = { prepared, plan, report, others, planned, frames, flags, output, signal };
    const { streamed, decisions, adapted, trace } = await runFrames(run);
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
      ...(adapted === null ? {} : { adapted }),
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
    ['unordered', 'repair', 'standby', 'sensors', 'mission', 'journal', 'both', 'beside'] as const
  ).find((name) => flags[name] !== undefined);
  if (ofRequests !== undefined)
    throw new InvalidInputError(
      `--${ofRequests} was given with a stream of frames, which does not have it`,
      'Leave it out, or send one input many times: --requests N.',
    );
  checkBesideFlags(flags);
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
