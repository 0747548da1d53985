import type { FoldGroup } from '../../graph/fold-groups.ts';
import type { TensorId } from '../../graph/graph.ts';

/** What must at the least cross between devices where a unit is on several, by the bytes of one tensor. */
export interface LeastCrossings {
  /** Entry and exit on different devices: some tensor that arrives at the exit's. */
  readonly through: number;
  /**
   * Entry and exit on one device: for each choice of what is elsewhere, one that leaves the device and one that comes back; none
   * of them is larger in both than another. Empty = nothing can be elsewhere.
   */
  readonly detours: readonly { readonly out: number; readonly back: number }[];
}

/** More are taken together, as if one had the least of each. */
const mostDetours = 4;

/**
 * On a way through the unit every tensor could be the one that crosses, so the smallest of the way does at the least; and of several ways
 * from one place to another every one crosses, so the largest of these. `groups` in topological order; the last one yields the exit.
 */
export function leastCrossings(
  groups: readonly FoldGroup[],
  entry: TensorId,
  bytes: readonly number[],
): LeastCrossings {
  const arriving = arrivingBytes(groups, entry, bytes);
  const returning = returningBytes(groups, bytes);
  const last = groups.length - 1;
  const pairs = groups.slice(0, last).map((_, at) => ({ out: arriving[at] ?? 0, back: returning[at] ?? 0 }));
  return { through: arriving[last] ?? 0, detours: thinned(pairs) };
}

/** [group]: of what it depends on, some tensor of so many bytes crosses where it is not where the entry is. */
function arrivingBytes(
  groups: readonly FoldGroup[],
  entry: TensorId,
  bytes: readonly number[],
): readonly number[] {
  const known = new Map<TensorId, number>([[entry, bytes[entry] ?? 0]]);
  return groups.map(({ inputs, outputs }) => {
    const most = inputs.reduce((largest, tensor) => Math.max(largest, known.get(tensor) ?? 0), 0);
    for (const tensor of outputs) known.set(tensor, Math.min(most, bytes[tensor] ?? 0));
    return most;
  });
}

/** [group]: of what depends on it, the same where it is not where the exit is. */
function returningBytes(groups: readonly FoldGroup[], bytes: readonly number[]): readonly number[] {
  const known = new Map<TensorId, number>();
  const most: number[] = [];
  for (const [before, { inputs, outputs }] of [...groups.entries()].reverse()) {
    const isLast = before === groups.length - 1;
    const own = outputs.reduce((largest, tensor) => Math.max(largest, known.get(tensor) ?? 0), 0);
    most[before] = own;
    for (const tensor of inputs) {
      const least = isLast ? (bytes[tensor] ?? 0) : Math.min(own, bytes[tensor] ?? 0);
      known.set(tensor, Math.max(known.get(tensor) ?? 0, least));
    }
  }
  return most;
}

function thinned(pairs: readonly LeastCrossings['detours'][number][]): LeastCrossings['detours'] {
  const sorted = [...pairs].sort((left, right) => left.out - right.out || left.back - right.back);
  const front: { out: number; back: number }[] = [];
  for (const pair of sorted)
    if (pair.back < (front.at(-1)?.back ?? Number.POSITIVE_INFINITY)) front.push(pair);
  while (front.length > mostDetours) {
    const [one, other] = [front.pop(), front.pop()];
    if (one !== undefined && other !== undefined)
      front.push({ out: Math.min(one.out, other.out), back: Math.min(one.back, other.back) });
  }
  return front;
}
