import { InvalidInputError } from '../errors.ts';
import { cutAt } from '../graph/cut-at.ts';
import type { Graph, TensorId } from '../graph/graph.ts';
import { singleTensorCuts } from '../graph/single-tensor-cuts.ts';
import type { Bytes, Flops } from '../units.ts';
import { areTensorsOf, type CutTensors, cutTensors } from './cut-tensors.ts';
import type { ExitKind, ExitPoint, ExitPolicy } from './policies.ts';

/** Where a model may answer early, what that costs, and what was measured of it on calibration data (SPINN's exit table). */
export interface ExitTable {
  readonly heads: readonly ExitHead[];
  /** Each with the shares and the loss that it alone came to: shares of one setting say nothing about another. */
  readonly settings: readonly ExitPolicy[];
}

/**
 * What answers at a tensor that alone leads on (no other crosses from what comes before it to what comes behind), or at several that together do: a
 * classifier, or the comparison with the labels' centres.
 */
export interface ExitHead extends CutTensors {
  readonly kind: ExitKind;
  /** For each request that comes by. */
  readonly flops: Flops;
  /** Read and written for each request that comes by, parameters and the tensor included. */
  readonly movedBytes: Bytes;
  /** Held as long as the plan is deployed. */
  readonly parameterBytes: Bytes;
  /** Of an answer, which travels to the sink. */
  readonly answerBytes: Bytes;
}

/** The head that a point uses; undefined where the table has none. */
export function headOf(table: ExitTable | undefined, point: ExitPoint): ExitHead | undefined {
  return table?.heads.find((head) => head.kind === point.kind && areTensorsOf(head, cutTensors(point)));
}

/** Throws InvalidInputError with a line for each fault of a table for `graph`. */
export function checkExitTable(graph: Graph, table: ExitTable): void {
  const faults = exitTableFaults(graph, table);
  if (faults.length === 0) return;
  throw new InvalidInputError(
    faults.slice(0, 20).join('\n'),
    'Measure the table on this model, with heads on tensors that alone lead on.',
  );
}

/** What is wrong with a table for `graph`, one sentence each. */
function exitTableFaults(graph: Graph, { heads, settings }: ExitTable): string[] {
  const order = new Map(exitOrder(graph).map((tensor, place) => [tensor, place]));
  const known = new Set<string>();
  const faults = heads.flatMap(({ tensor, beside, kind, ...costs }) => {
    const cut = cutTensors({ tensor, ...(beside === undefined ? {} : { beside }) });
    const what = `The ${kind} head at tensor ${cut.join(' + ')}`;
    const key = `${kind} ${cut.join(' + ')}`;
    const isTwice = known.has(key);
    known.add(key);
    return [
      ...(isTwice ? [`${what} is listed twice.`] : []),
      ...((cut.length === 1 ? order.has(tensor) : leadOnTogether(graph, cut))
        ? []
        : [`${what} stands where other tensors lead on as well, or where nothing follows.`]),
      ...Object.entries(costs).flatMap(([name, value]) =>
        value >= 0 && Number.isFinite(value) ? [] : [`${what} has ${name} ${value}, expected a number >= 0.`],
      ),
    ];
  });
  return [...faults, ...settings.flatMap((setting, at) => settingFaults(setting, at, known, order))];
}

/** Whether several tensors, and no other, cross from what comes before them to what comes behind, and the model answers nothing before. */
export function leadOnTogether(graph: Graph, tensors: readonly TensorId[]): boolean {
  const names = tensors.map((tensor) => graph.tensors[tensor]?.name ?? '');
  try {
    const { nodes, boundary } = cutAt(graph, names);
    const isMade = boundary.every((id) => graph.tensors[id]?.producer !== 'input');
    return isMade && !graph.outputs.some((id) => isWithin(graph, id, nodes));
  } catch (error) {
    if (error instanceof InvalidInputError) return false;
    throw error;
  }
}

/**
 * The tensors that may carry a head, in the order in which requests come by: no other crosses from what comes before to what comes
 * behind, and the model answers nothing before.
 */
export function exitOrder(graph: Graph): readonly TensorId[] {
  return singleTensorCuts(graph).flatMap(({ nodes, boundary }) => {
    const [tensor] = boundary;
    const yields = graph.outputs.some((id) => isWithin(graph, id, nodes));
    return tensor === undefined || yields || graph.tensors[tensor]?.producer === 'input' ? [] : [tensor];
  });
}

function isWithin(graph: Graph, tensor: TensorId, nodes: readonly number[]): boolean {
  const producer = graph.tensors[tensor]?.producer;
  return typeof producer === 'number' && nodes.includes(producer);
}

function settingFaults(
  { points, accuracyLoss }: ExitPolicy,
  at: number,
  known: ReadonlySet<string>,
  order: ReadonlyMap<TensorId, number>,
): string[] {
  const what = `Exit setting ${at}`;
  const faults: string[] = [];
  if (points.length === 0) faults.push(`${what} has no exit.`);
  if (!(accuracyLoss >= 0 && accuracyLoss <= 1))
    faults.push(`${what} costs ${accuracyLoss} of the answers, expected 0 to 1.`);
  let place = -1;
  for (const point of points) {
    const { tensor, kind, share, threshold } = point;
    const cut = cutTensors(point);
    if (!known.has(`${kind} ${cut.join(' + ')}`))
      faults.push(`${what} names no ${kind} head at tensor ${cut.join(' + ')} that is listed.`);
    if (cut.length > 1 && points.length > 1)
      faults.push(`${what} has an exit at several tensors beside others, expected one alone.`);
    if (!(share >= 0 && share <= 1))
      faults.push(`${what} has the share ${share} at tensor ${tensor}, expected 0 to 1.`);
    if (!Number.isFinite(threshold))
      faults.push(`${what} has the threshold ${threshold} at tensor ${tensor}.`);
    const next = order.get(tensor) ?? place;
    if (cut.length === 1 && next <= place && order.has(tensor))
      faults.push(`${what} is not in the order in which requests come by.`);
    place = Math.max(place, next);
  }
  const left = points.reduce((sum, { share }) => sum + share, 0);
  if (left > 1 + 1e-9) faults.push(`${what} lets ${left} of the requests leave, expected at most 1.`);
  return faults;
}

/** Whether two settings are the same in every figure. */
export function sameExits(left: ExitPolicy, right: ExitPolicy): boolean {
  return (
    left.accuracyLoss === right.accuracyLoss &&
    left.points.length === right.points.length &&
    left.points.every((point, at) => samePoint(point, right.points[at]))
  );
}

function samePoint(left: ExitPoint, right: ExitPoint | undefined): boolean {
  return (
    right !== undefined &&
    areTensorsOf(left, cutTensors(right)) &&
    left.kind === right.kind &&
    left.threshold === right.threshold &&
    left.share === right.share
  );
}
