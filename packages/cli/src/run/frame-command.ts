import { readFile, writeFile } from 'node:fs/promises';
import {
  type KnownCentres,
  type Plan,
  type Problem,
  type Report,
  readCentres,
  saveCentres,
  scheduleDefaults,
  seconds,
} from '@tandem/core';
import { readInputs } from '@tandem/node';
import { type DecidedCut, decisionsOf, type Gateway, type PlannedDecisions } from '@tandem/runtime';
import { readToken } from '../agent/read-token.ts';
import { readCalibrationFile } from '../calibrate/calibration-of.ts';
import type { FrameOrder, RunFlags } from '../flags.ts';
import type { Output } from '../output.ts';
import { type Prepared, prepare } from '../plan/prepare.ts';
import { stopSignal } from '../stop-signal.ts';
import { openFleet } from './fleet.ts';
import type { FrameFigures } from './frame-figures.ts';
import { type StreamedFrames, streamFrames, topOf } from './frame-stream.ts';
import { frameText } from './frame-text.ts';
import { framesOf } from './frames-of.ts';
import { cardOf } from './picture-inputs.ts';
import { planFor, requireToken } from './plan-for.ts';
import { cargoOf, devicesOf, slowProgress } from './split-run.ts';
import { withWhole } from './whole-model.ts';

/** What `tandem run --stream --json` prints. */
export interface FrameResult extends FrameFigures {
  readonly model: string;
  readonly planner: string;
  readonly frames: number;
  readonly order: FrameOrder;
  /** Stages behind which requests are decided about. */
  readonly decisions: readonly {
    readonly stage: number;
    readonly by: 'centres' | 'confidence';
    readonly labels: number;
    /** What a person should know at the end, one sentence; null = nothing. */
    readonly note: string | null;
  }[];
  readonly notes: readonly string[];
}

interface FrameRun {
  readonly prepared: Prepared;
  readonly plan: Plan;
  readonly report: Report;
  readonly planned: PlannedDecisions;
  readonly frames: readonly string[];
  readonly flags: RunFlags;
  readonly output: Output;
  readonly signal: AbortSignal;
}

/** `tandem run --stream FOLDER`: each picture of a folder once, through agents that decide as `--calibration` says. Exit status 1 when one fails. */
export async function frameCommand(
  model: string,
  flags: RunFlags,
  folder: string,
  output: Output,
): Promise<void> {
  const signal = stopSignal();
  const order = flags.order ?? 'ordered';
  const frames = await framesOf(folder, order);
  const prepared = await prepare(model, flags, output);
  try {
    const { plan, report } = await planFor(prepared, flags, signal);
    const planned = await plannedDecisions(prepared.problem, plan, report, flags, output);
    const run = { prepared, plan, report, planned, frames, flags, output, signal };
    const { streamed, decisions } = await runFrames(run);
    const whole = flags.full === true ? await wholeLabels(run) : null;
    const result: FrameResult = {
      model: prepared.problem.graph.name,
      planner: plan.planner,
      frames: frames.length,
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

async function plannedDecisions(
  problem: Problem,
  plan: Plan,
  report: Report,
  { calibration: path, centres }: RunFlags,
  { progress }: Output,
): Promise<PlannedDecisions> {
  if (path === undefined) return { decisions: [], matrices: new Uint8Array(0), notes: [] };
  const calibration = await readCalibrationFile(path);
  const saved = centres === undefined ? null : await readFile(centres, 'utf8').catch(() => null);
  const learned = (cut: DecidedCut): KnownCentres | null => {
    const read = saved === null ? null : readCentres(saved, cutName(problem, cut.tensors), cut.channels);
    if (read?.kind === 'other') progress(read.reason);
    // Centres of another cut decide nothing here, and neither do those of the calibration, which they were to replace.
    return read === null ? null : read.kind === 'centres' ? read.known : { centres: [] };
  };
  return decisionsOf({ problem, plan, report, calibration, learned });
}

const cutName = ({ graph }: Problem, tensors: readonly string[]): string =>
  `${graph.modelDigest ?? graph.name} ${tensors.join(' ')}`.slice(0, 200);

async function runFrames(run: FrameRun): Promise<{
  readonly streamed: StreamedFrames;
  readonly decisions: FrameResult['decisions'];
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
  const fleet = await openFleet({ devices, token, transport, pin, signal, log: progress });
  try {
    const window = flags.window ?? scheduleDefaults.window;
    await fleet.gateway.deploy(cargo.deployment, cargo.segments, {
      signal,
      onProgress: slowProgress(progress),
      window,
      waiting: Math.max(scheduleDefaults.waiting, run.frames.length),
      ordered: true,
      matrices: planned.matrices,
    });
    progress(`streaming ${run.frames.length} frames`);
    const streamed = await streamFrames(fleet.gateway, {
      frames: run.frames,
      read: reader(run),
      perSecond: flags.rate ?? null,
      window,
      timeoutSeconds: seconds(timeoutSeconds),
      signal,
      progress,
    });
    return { streamed, decisions: await learnedBy(fleet.gateway, run) };
  } finally {
    await fleet.close();
  }
}

/** What each decision knows at the end; saved where the user asked for it. */
async function learnedBy(
  gateway: Gateway,
  { planned, plan, prepared, flags, signal }: FrameRun,
): Promise<FrameResult['decisions']> {
  const rows: FrameResult['decisions'][number][] = [];
  for (const { stage, by, tensors } of planned.decisions) {
    const learned = await gateway.centres(plan.version, stage, signal);
    rows.push({
      stage,
      by: by.kind,
      labels: learned?.known.centres.length ?? 0,
      note: learned?.note ?? null,
    });
    if (learned === null || by.kind !== 'centres' || flags.centres === undefined) continue;
    const text = saveCentres(cutName(prepared.problem, tensors), learned.channels, learned.known);
    await writeFile(flags.centres, text);
  }
  return rows;
}

function reader({ prepared, flags }: FrameRun): (path: string) => ReturnType<typeof readInputs> {
  const { graph } = prepared.problem;
  const inputs = graph.inputs.flatMap((id) => graph.tensors[id] ?? []);
  const card = cardOf(flags);
  return async (path) => await readInputs({ inputs, card, specifications: [path] });
}

/** The whole model's label of each frame; asked afterwards, so that it does not slow down what is measured. */
async function wholeLabels(run: FrameRun): Promise<ReadonlyMap<number, number>> {
  const { prepared, frames, flags, signal, output } = run;
  const { loaded, problem } = prepared;
  const options = { threads: 1, optimisation: flags.optimisation, signal };
  const read = reader(run);
  output.progress(`asking the whole model about ${frames.length} frames`);
  return await withWhole(loaded, problem.graph, options, async (answer) => {
    const labels = new Map<number, number>();
    let told = Date.now();
    for (const [at, path] of frames.entries()) {
      signal.throwIfAborted();
      labels.set(at, topOf((await answer(await read(path))).outputs));
      if (Date.now() - told < 2000) continue;
      told = Date.now();
      output.progress(`the whole model has answered ${at + 1} of ${frames.length} frames`);
    }
    return labels;
  });
}
