import type { Point } from './space.ts';

/**
 * A search for the point of least value, as a generator. It asks for values: whoever drives it evaluates a yielded point and hands
 * the value to `next` (+∞ where the point is infeasible), so the objective may be slow, asynchronous or shared, and the driver can
 * count, pause or stop at every point. It yields null where it only gives control back amid its own work; `next` then takes any
 * number. The same space, options and seed ask for the same points.
 */
export type Optimiser = Generator<Point | null, Optimum, number>;

export interface Optimum {
  /** The first evaluated point of the least value. */
  readonly point: Point;
  /** +∞ = no evaluated point was feasible. */
  readonly value: number;
  readonly evaluations: number;
}

/** Drives an optimiser to its end at once. */
export function minimise(optimiser: Optimiser, objective: (point: Point) => number): Optimum {
  let step = optimiser.next(0);
  while (step.done !== true) step = optimiser.next(step.value === null ? 0 : objective(step.value));
  return step.value;
}

/** Drives an optimiser of a slow objective to its end; what `pause` returns before each step is awaited, and it ends the search by throwing. */
export async function minimisePaced(
  optimiser: Optimiser,
  objective: (point: Point) => number | Promise<number>,
  pause: () => Promise<void> | undefined,
): Promise<Optimum> {
  let step = optimiser.next(0);
  while (step.done !== true) {
    await pause();
    step = optimiser.next(step.value === null ? 0 : await objective(step.value));
  }
  return step.value;
}
