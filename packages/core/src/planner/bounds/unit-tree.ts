import type { FoldGroup } from '../../graph/fold-groups.ts';
import type { TensorId } from '../../graph/graph.ts';

/**
 * A unit's groups as a tree that leads to the last one: of each group one tensor counts, and of that tensor one reader, so that by device the
 * least of all placements is found group by group. Every crossing that counts is one of the unit's own, and none counts twice.
 */
export interface UnitTree {
  /** [group]: the reader, a later group; -1 of the last one. */
  readonly readers: Int32Array;
  /** [group]: of the tensor that it reads. */
  readonly bytes: Float64Array;
  /** [group]: of those that read the entry, the same share each, 1 in all: whoever it crosses to pays all of it once. */
  readonly entryShares: Float64Array;
}

/** `groups` in topological order, of which the last one yields the exit. The largest tensor counts, and its first reader. */
export function unitTree(
  groups: readonly FoldGroup[],
  entry: TensorId,
  tensorBytes: readonly number[],
): UnitTree {
  const firstReader = new Map<TensorId, number>();
  for (const [at, { inputs }] of groups.entries())
    for (const tensor of inputs) if (!firstReader.has(tensor)) firstReader.set(tensor, at);
  const readers = new Int32Array(groups.length).fill(-1);
  const bytes = new Float64Array(groups.length);
  for (const [at, { outputs }] of groups.entries())
    for (const tensor of outputs) {
      const reader = firstReader.get(tensor);
      const size = tensorBytes[tensor] ?? 0;
      if (reader === undefined || (readers[at] !== -1 && size <= (bytes[at] as number))) continue;
      readers[at] = reader;
      bytes[at] = size;
    }
  const reading = groups.map(({ inputs }) => inputs.includes(entry));
  const share = 1 / reading.filter(Boolean).length;
  return { readers, bytes, entryShares: Float64Array.from(reading, (reads) => (reads ? share : 0)) };
}
