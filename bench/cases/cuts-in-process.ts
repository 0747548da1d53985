import {
  type Cut,
  createRandom,
  encodedBytes,
  encodeModel,
  type ModelProto,
  singleTensorCuts,
} from '@tandem/core';
import { type OrtSession, ortSession } from '@tandem/node';
import type { TensorValue } from '@tandem/runtime';
import type { Bench, BenchContext, BenchResult, BenchRow } from '../bench.ts';
import { boundaryText, halvesOf } from '../models/halves.ts';
import { type OpenedModel, openModel } from '../models/opened-model.ts';
import { type PlannedCut, plannedCuts } from '../models/planned-cuts.ts';
import { randomInputs } from '../models/random-inputs.ts';
import { withScratch } from '../models/scratch.ts';
import { writeZooFile } from '../models/zoo-file.ts';
import { paired } from '../paired.ts';

const networks = ['mobilenet-v2', 'resnet-50'];

export const cutsInProcess: Bench = {
  title: 'Two stages in one process at every single-tensor cut, against the whole model.',
  run: (context: BenchContext): Promise<BenchResult> =>
    withScratch(async (folder) => {
      const rows: BenchRow[] = [];
      const remarks = [...about];
      for (const network of networks.filter((name) => name.includes(context.only))) {
        const opened = openModel(await writeZooFile(folder, network));
        const measured = await everyCut(network, opened, context);
        rows.push(...measured.rows);
        remarks.push(measured.remark);
        opened.close();
      }
      return { rows, remarks };
    }),
};

const about = [
  'Head then tail on the calling thread, one thread an operator, default optimisation: what the cut alone costs in lost fusion and layout, without any hop.',
  'Median over 11 interleaved rounds (51 at the planner’s cut) of (head + tail) / whole within the round, the order swapped each round. Target: at most 1.05 at the planner’s cut.',
];

async function everyCut(
  network: string,
  opened: OpenedModel,
  context: BenchContext,
): Promise<{ rows: BenchRow[]; remark: string }> {
  const inputs = randomInputs(opened.graph, createRandom(1));
  const whole = await ortSession({ path: opened.path }, { name: network });
  const planned = await plannedCuts(opened.graph, context.signal);
  const rows: BenchRow[] = [];
  for (const cut of everyCutOf(opened, planned)) {
    const when = planned.filter((each) => isSame(each.cut, cut)).map((each) => each.when);
    const row = await oneCut(network, opened, whole, inputs, cut, when, context.signal);
    context.progress(`${row.case}: ${row.ratio?.toFixed(3)}`);
    rows.push(row);
  }
  await whole.release();
  return { rows, remark: `${network}: ${remarkOf(planned)}` };
}

/** The planner may cut several tensors at once; then its cut is a row of its own. */
function everyCutOf({ graph }: OpenedModel, planned: readonly PlannedCut[]): Cut[] {
  const cuts = [...singleTensorCuts(graph)];
  for (const { cut } of planned) {
    if (cut !== null && !cuts.some((known) => isSame(known, cut))) cuts.push(cut);
  }
  return cuts.sort((left, right) => left.nodes.length - right.nodes.length);
}

const isSame = (left: Cut | null, right: Cut): boolean => left?.nodes.join() === right.nodes.join();

function remarkOf(planned: readonly PlannedCut[]): string {
  const unsplit = planned.filter((each) => each.cut === null).map((each) => each.when);
  if (unsplit.length === 0) return 'the planner splits under every condition tried.';
  return `on the example cluster, the planner does not split at ${unsplit.join('; ')}.`;
}

async function oneCut(
  network: string,
  { model, graph }: OpenedModel,
  whole: OrtSession,
  inputs: readonly TensorValue[],
  cut: Cut,
  plannedWhen: readonly string[],
  signal: AbortSignal,
): Promise<BenchRow> {
  const halves = halvesOf(model, graph, cut);
  const head = await load(halves.head, 'head');
  const tail = await load(halves.tail, 'tail');
  try {
    const times = await paired(
      () => timedRun([whole], inputs),
      () => timedRun([head, tail], inputs),
      { rounds: plannedWhen.length > 0 ? 51 : 11, warmUp: 2, signal },
    );
    return {
      case: `${network} at ${boundaryText(graph, cut)} (${(cut.bytes / 1000).toFixed(0)} kB)${plannedText(plannedWhen)}`,
      value: times.secondSeconds * 1000,
      unit: 'ms',
      ratioTo: `whole, ${(times.firstSeconds * 1000).toFixed(1)} ms`,
      ratio: times.ratio,
    };
  } finally {
    await Promise.all([head.release(), tail.release()]);
  }
}

const plannedText = (when: readonly string[]): string =>
  when.length === 0 ? '' : ` — THE PLANNER’S CUT at ${when.join('; ')}`;

const load = (model: ModelProto, name: string): Promise<OrtSession> =>
  ortSession({ bytes: encodedBytes(encodeModel(model)), weights: null }, { name });

async function timedRun(stages: readonly OrtSession[], inputs: readonly TensorValue[]): Promise<number> {
  const start = performance.now();
  const known = new Map(inputs.map((tensor) => [tensor.name, tensor]));
  for (const stage of stages) {
    const given = stage.inputs.flatMap((name) => known.get(name) ?? []);
    for (const tensor of (await stage.run(given)).outputs) known.set(tensor.name, tensor);
  }
  return (performance.now() - start) / 1000;
}
