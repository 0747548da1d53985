/** The busiest share of a server for which a queue is taken to be in balance. */
const mostBalanced = 0.98;

/**
 * Mean time until a request is served in a queue with random arrivals and one server (Pollaczek and Khinchine):
 * λ E[s²] / (2 (1 − ρ)), with E[s²] = s² (1 + spread²). Near and beyond full use, where that has no end, the queue is counted as it grows within
 * `horizonSeconds`, so that the worse of two overloads can still be told.
 */
export function queueWait(
  perSecond: number,
  serviceSeconds: number,
  horizonSeconds: number,
  /** Deviation of the service time / its mean. */
  spread: number,
): number {
  const use = perSecond * serviceSeconds;
  if (!(use > 0)) return 0;
  const balanced = Math.min(use, mostBalanced);
  const wait = (balanced * serviceSeconds * (1 + spread ** 2)) / (2 * (1 - balanced));
  return wait + (Math.max(0, use - mostBalanced) * horizonSeconds) / 2;
}
