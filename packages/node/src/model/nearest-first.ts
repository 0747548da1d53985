/** `names` by edit distance from `name`, ties in their own order. */
export function nearestFirst(name: string, names: readonly string[]): string[] {
  const distances = new Map(
    names.map((candidate) => [candidate, editDistance(name.slice(0, 64), candidate)]),
  );
  return [...names].sort((left, right) => (distances.get(left) ?? 0) - (distances.get(right) ?? 0));
}

/** Levenshtein's distance: insertions, deletions and replacements of one character. */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let position = 0; position < left.length; position++) {
    const next = [position + 1];
    for (let index = 0; index < right.length; index++) {
      const replace = (row[index] ?? 0) + (right[index] === left[position] ? 0 : 1);
      next.push(Math.min(replace, (row[index + 1] ?? 0) + 1, (next[index] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
