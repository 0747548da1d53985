/** Two costs, less is better. */
export type CostPair = readonly [x: number, y: number];

/**
 * The indices of the corners of the convex hull that face both axes: from the least x to the least y, x rising, y falling ever more
 * gently. They are what minimises a x + b y for some a, b > 0 (on ties the corners), and any mix of two points that no mix of others
 * beats in both is one of two neighbours among them. Andrew 1979, "Another efficient algorithm for convex hulls in two dimensions". Of
 * equal points the first. O(n log n).
 */
export function lowerLeftHull(points: readonly CostPair[]): readonly number[] {
  const at = (index: number): CostPair => points[index] ?? [0, 0];
  const order = points.map((_, index) => index);
  order.sort((left, right) => at(left)[0] - at(right)[0] || at(left)[1] - at(right)[1] || left - right);
  const hull: number[] = [];
  for (const index of order) {
    const last = hull.at(-1);
    if (last !== undefined && at(index)[1] >= at(last)[1]) continue;
    while (hull.length >= 2 && !isConvex(at(hull.at(-2) ?? 0), at(hull.at(-1) ?? 0), at(index))) hull.pop();
    hull.push(index);
  }
  return hull;
}

/** Whether the middle one is strictly below the line between the others. */
const isConvex = ([x0, y0]: CostPair, [x1, y1]: CostPair, [x2, y2]: CostPair): boolean =>
  (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0) > 0;
