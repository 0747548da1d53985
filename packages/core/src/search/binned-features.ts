/** Features as ranks, column by column, so that a split is looked for among a few bins instead of all rows. */
export interface BinnedFeatures {
  /** One column a feature: the bin of every row. */
  readonly columns: readonly Uint8Array[];
  /** One row a feature: bin b holds values <= edges[b] and above edges[b − 1]; the last bin has no edge. */
  readonly edges: readonly (readonly number[])[];
}

/** Bins are bytes. */
export const mostBins = 256;

/**
 * At most `bins` bins a feature, of about equal numbers of rows. Edges are values that occur, never points between them, so only the
 * order of a feature's values matters. A missing value (NaN) falls into the first bin. O(features × rows × log rows).
 */
export function binFeatures(rows: readonly (readonly number[])[], bins: number): BinnedFeatures {
  const width = rows[0]?.length ?? 0;
  const edges = Array.from({ length: width }, (_, feature) => edgesOf(rows, feature, bins));
  const columns = edges.map((cuts, feature) =>
    Uint8Array.from(rows, (row) => binOf(row[feature] ?? Number.NaN, cuts)),
  );
  return { columns, edges };
}

function edgesOf(rows: readonly (readonly number[])[], feature: number, bins: number): number[] {
  const values = rows.map((row) => row[feature] ?? Number.NaN).filter((value) => !Number.isNaN(value));
  values.sort((left, right) => left - right);
  const distinct = values.filter((value, index) => value !== values[index - 1]);
  if (distinct.length <= bins) return distinct.slice(0, -1);
  const ranks = Array.from(
    { length: bins - 1 },
    (_, bin) => Math.floor(((bin + 1) * values.length) / bins) - 1,
  );
  const edges = ranks.map((rank) => values[Math.max(0, rank)] ?? 0);
  const last = distinct.at(-1);
  return edges.filter((edge, index) => edge !== edges[index - 1] && edge !== last);
}

/** The first bin whose edge is not below the value: bisection. */
function binOf(value: number, edges: readonly number[]): number {
  let low = 0;
  let high = Number.isNaN(value) ? 0 : edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value > (edges[middle] ?? 0)) low = middle + 1;
    else high = middle;
  }
  return low;
}
