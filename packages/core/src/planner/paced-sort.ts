import type { Pacer } from './pacer.ts';

/** Sorted or merged in one go: a fraction of a millisecond. */
const piece = 512;

/** Sorts as Array.sort does, stable, but gives control back to the event loop in between: sorted runs are merged. O(n log n). */
export async function pacedSort<Item>(
  items: readonly Item[],
  compare: (left: Item, right: Item) => number,
  pacer: Pacer,
): Promise<Item[]> {
  let runs: Item[][] = [];
  for (let start = 0; start < items.length; start += piece) {
    await pacer();
    runs.push(items.slice(start, start + piece).sort(compare));
  }
  while (runs.length > 1) {
    const merged: Item[][] = [];
    for (let index = 0; index < runs.length; index += 2) {
      merged.push(await merge(runs[index] ?? [], runs[index + 1] ?? [], compare, pacer));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

async function merge<Item>(
  left: readonly Item[],
  right: readonly Item[],
  compare: (left: Item, right: Item) => number,
  pacer: Pacer,
): Promise<Item[]> {
  const merged: Item[] = [];
  let [fromLeft, fromRight] = [0, 0];
  while (fromLeft < left.length && fromRight < right.length) {
    if (merged.length % piece === 0) await pacer();
    const [first, second] = [left[fromLeft] as Item, right[fromRight] as Item];
    const takesLeft = compare(first, second) <= 0;
    merged.push(takesLeft ? first : second);
    if (takesLeft) fromLeft += 1;
    else fromRight += 1;
  }
  return merged.concat(left.slice(fromLeft), right.slice(fromRight));
}
