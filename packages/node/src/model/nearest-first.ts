import { editDistance } from '@tandem/core';

/** `names` by edit distance from `name`, ties in their own order. */
export function nearestFirst(name: string, names: readonly string[]): string[] {
  const distances = new Map(
    names.map((candidate) => [candidate, editDistance(name.slice(0, 64), candidate)]),
  );
  return [...names].sort((left, right) => (distances.get(left) ?? 0) - (distances.get(right) ?? 0));
}
