import {
  type Cut,
  type CutBits,
  crossingCodec,
  ExecutionError,
  featureLayout,
  featureSize,
  type NodeId,
  poolFeature,
} from '@tandem/core';
import type { Executor, LoadedSegment, TensorValue } from '../execute/executor.ts';
import { answerOf, floats } from './answer-of.ts';
import type { CalibrationJob, CalibrationRow, CutRow } from './calibration-job.ts';

/** What to measure of a run of samples. */
export interface SampleWork {
  readonly from: number;
  readonly to: number;
  readonly whole: boolean;
  /** In the order of the cuts. */
  readonly visits: readonly CutVisit[];
}

export interface CutVisit {
  /** Position among the job's cuts. */
  readonly cut: number;
  readonly withFeatures: boolean;
  /** At least one. */
  readonly bits: readonly CutBits[];
}

/** By tensor name. */
type Held = ReadonlyMap<string, TensorValue>;

/**
 * Takes some samples along the network from cut to cut: what crosses one is computed from what crossed the one before, by the nodes
 * between, and kept for all samples until the next is reached. At each cut what is behind it runs on what crosses, coded. Yields what was
 * measured, cut by cut. Throws what the executor throws, and the signal's reason.
 */
export async function* walkCuts(
  job: CalibrationJob,
  executor: Executor,
  work: SampleWork,
): AsyncGenerator<CalibrationRow> {
  const { cuts, signal } = job;
  let held = await inputsOf(job, work);
  if (work.whole) yield await wholeRow(job, executor, work, held);
  let reached: readonly NodeId[] = [];
  for (const visit of work.visits) {
    signal.throwIfAborted();
    const cut = cuts[visit.cut];
    if (cut === undefined) continue;
    const own = new Set(cut.nodes);
    if (!reached.every((node) => own.has(node))) {
      held = await inputsOf(job, work);
      reached = [];
    }
    held = await advanced(job, executor, held, reached, cut);
    reached = cut.nodes;
    yield* rowsAt(job, executor, work, visit, cut, held);
  }
}

async function inputsOf(
  { data, signal }: CalibrationJob,
  { from, to }: SampleWork,
): Promise<readonly Held[]> {
  const held: Held[] = [];
  for (let sample = from; sample < to; sample++) {
    signal.throwIfAborted();
    held.push(new Map((await data.read(sample)).map((tensor) => [tensor.name, tensor])));
  }
  return held;
}

async function wholeRow(
  job: CalibrationJob,
  executor: Executor,
  { from }: SampleWork,
  held: readonly Held[],
): Promise<CalibrationRow> {
  const nodes = job.graph.nodes.map(({ id }) => id);
  const labels = await withSegment(job, executor, nodes, async (segment) => {
    const found: number[] = [];
    for (const inputs of held) found.push(await answer(job, segment, (name) => copyOf(inputs, name)));
    return found;
  });
  return { kind: 'whole', from, labels };
}

/** What crosses `cut`, from what crossed the cut before; lets go of the rest. */
async function advanced(
  job: CalibrationJob,
  executor: Executor,
  held: readonly Held[],
  reached: readonly NodeId[],
  cut: Cut,
): Promise<readonly Held[]> {
  const before = new Set(reached);
  const nodes = cut.nodes.filter((node) => !before.has(node));
  const names = boundaryNames(job, cut);
  const keep = (known: Held): Held => new Map([...known].filter(([name]) => names.includes(name)));
  if (nodes.length === 0) return held.map(keep);
  return withSegment(job, executor, nodes, async (segment) => {
    const next: Held[] = [];
    for (const known of held) {
      const { outputs } = await segment.run(
        segment.inputs.map((name) => copyOf(known, name)),
        job.signal,
      );
      next.push(keep(new Map([...known, ...outputs.map((tensor) => [tensor.name, tensor] as const)])));
    }
    return next;
  });
}

/** One row a way to cross; the first brings the features. */
async function* rowsAt(
  job: CalibrationJob,
  executor: Executor,
  { from }: SampleWork,
  { cut: at, bits: ways, withFeatures }: CutVisit,
  cut: Cut,
  held: readonly Held[],
): AsyncGenerator<CutRow> {
  let features = withFeatures ? featuresOf(job, cut, held) : null;
  const before = new Set(cut.nodes);
  const behind = job.graph.nodes.flatMap(({ id }) => (before.has(id) ? [] : [id]));
  const segment = await load(job, executor, behind);
  try {
    for (const bits of ways) {
      const labels: number[] = [];
      for (const known of held) labels.push(await codedAnswer(job, segment, cut, known, bits));
      yield { kind: 'cut', cut: at, from, bits, labels, features };
      features = null;
    }
  } finally {
    await segment.close();
  }
}

function codedAnswer(
  job: CalibrationJob,
  segment: LoadedSegment,
  cut: Cut,
  known: Held,
  bits: CutBits,
): Promise<number> {
  const names = boundaryNames(job, cut);
  return answer(job, segment, (name) => {
    const own = bits[names.indexOf(name)] ?? null;
    const tensor = find(known, name);
    const values = own === null ? null : floats(tensor);
    if (own === null || values === null) return copyOf(known, name);
    const codec = crossingCodec(own);
    const { bytes, rawBecause } = job.coder.encode(values, tensor.shape, codec);
    if (rawBecause !== null) return copyOf(known, name);
    return { ...tensor, data: new Uint8Array(job.coder.decode(bytes, tensor.shape, codec).buffer) };
  });
}

/** Of the model's first output. */
async function answer(
  { graph, signal }: CalibrationJob,
  segment: LoadedSegment,
  input: (name: string) => TensorValue,
): Promise<number> {
  const { outputs } = await segment.run(segment.inputs.map(input), signal);
  const name = graph.tensors[graph.outputs[0] ?? -1]?.name ?? '';
  return answerOf(find(new Map(outputs.map((tensor) => [tensor.name, tensor])), name));
}

/** [samples, channels]; NaN throughout where a sample's activation is not finite. */
function featuresOf({ graph }: CalibrationJob, cut: Cut, held: readonly Held[]): Float32Array {
  const tensors = cut.boundary.flatMap((id) => graph.tensors[id] ?? []);
  const layouts = tensors.map(({ shape }) => featureLayout(shape));
  const channels = featureSize(layouts);
  const features = new Float32Array(held.length * channels);
  for (const [at, known] of held.entries()) {
    const own = features.subarray(at * channels, (at + 1) * channels);
    const values = tensors.map(({ name }) => floats(find(known, name)) ?? new Float32Array(0));
    if (!poolFeature(layouts, values, own)) own.fill(Number.NaN);
  }
  return features;
}

export function boundaryNames(
  { graph }: Pick<CalibrationJob, 'graph'>,
  { boundary }: Cut,
): readonly string[] {
  return boundary.flatMap((id) => graph.tensors[id]?.name ?? []);
}

async function withSegment<Result>(
  job: CalibrationJob,
  executor: Executor,
  nodes: readonly NodeId[],
  use: (segment: LoadedSegment) => Promise<Result>,
): Promise<Result> {
  const segment = await load(job, executor, nodes);
  try {
    return await use(segment);
  } finally {
    await segment.close();
  }
}

async function load(
  { segments, signal }: CalibrationJob,
  executor: Executor,
  nodes: readonly NodeId[],
): Promise<LoadedSegment> {
  return executor.load(await segments.segment(nodes), { threads: 1, signal });
}

function find(known: Held, name: string): TensorValue {
  const tensor = known.get(name);
  if (tensor !== undefined) return tensor;
  throw new ExecutionError(
    `nothing before it gives the tensor ${name}; there are ${[...known.keys()].join(', ')}`,
    'Calibrate at cuts of this very model.',
  );
}

/** A run takes its inputs' buffers away, and what crosses is sent more than once. */
function copyOf(known: Held, name: string): TensorValue {
  const tensor = find(known, name);
  return { ...tensor, data: new Uint8Array(tensor.data) };
}
