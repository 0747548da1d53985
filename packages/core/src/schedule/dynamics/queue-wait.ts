/** The busiest share of a server for which a queue is taken to be in balance. */
const mostBalanced = 0.98;

/**
 * Mean time until a request is served in a queue with random arrivals and one server that takes as long for each (Pollaczek and
 * Khinchine): ρ s / (2 (1 − ρ)). Near and beyond full use, where that has no end, the queue is counted as it grows within
 * `horizonSeconds`, so that the worse of two overloads can still be told.
 */
export function queueWait(perSecond: number, serviceSeconds: number, horizonSeconds: number): number {
  const use = perSecond * serviceSeconds;
  if (!(use > 0)) return 0;
  const balanced = Math.min(use, mostBalanced);
  const wait = (balanced * serviceSeconds) / (2 * (1 - balanced));
  return wait + (Math.max(0, use - mostBalanced) * horizonSeconds) / 2;
}
