import type { DeviceId } from '../../cluster/cluster.ts';

export interface Reassignment {
  /** Stages that lost their device, in the plan's order. */
  readonly lost: readonly number[];
  /** Where all other stages are. */
  readonly kept: ReadonlyMap<number, DeviceId>;
  /** Who may take them, the preferred first among equals. */
  readonly survivors: readonly DeviceId[];
  /** What a whole assignment costs; null = it cannot run. */
  readonly cost: (devices: ReadonlyMap<number, DeviceId>) => number | null;
}

/** Up to so many whole assignments are compared; beyond that stages are placed one after the other. */
const mostCombinations = 64;

/**
 * Gives each stage that lost its device to a survivor, at the least cost: all combinations where they are few, else stage by stage in the
 * plan's order, with those still to come on the first survivor. Null = no assignment that was tried can run.
 */
export function reassigned(problem: Reassignment): Map<number, DeviceId> | null {
  const { lost, survivors, kept } = problem;
  const [first] = survivors;
  if (lost.length === 0) return new Map(kept);
  if (first === undefined) return null;
  if (survivors.length ** lost.length <= mostCombinations) return best(problem, combinations(problem));
  let devices = new Map(kept);
  for (const stage of lost) devices.set(stage, first);
  let found = problem.cost(devices) === null ? null : devices;
  for (const stage of lost) {
    const placed = best(
      problem,
      survivors.map((device) => new Map(devices).set(stage, device)),
    );
    if (placed !== null) found = devices = placed;
  }
  return found;
}

function best(
  { cost }: Reassignment,
  candidates: Iterable<Map<number, DeviceId>>,
): Map<number, DeviceId> | null {
  let least = Number.POSITIVE_INFINITY;
  let found: Map<number, DeviceId> | null = null;
  for (const devices of candidates) {
    const value = cost(devices);
    if (value === null || value >= least) continue;
    least = value;
    found = devices;
  }
  return found;
}

function* combinations({ lost, kept, survivors }: Reassignment): Generator<Map<number, DeviceId>> {
  const count = survivors.length ** lost.length;
  for (let number = 0; number < count; number++) {
    const devices = new Map(kept);
    let rest = number;
    for (const stage of lost) {
      const device = survivors[rest % survivors.length];
      if (device !== undefined) devices.set(stage, device);
      rest = Math.floor(rest / survivors.length);
    }
    yield devices;
  }
}
