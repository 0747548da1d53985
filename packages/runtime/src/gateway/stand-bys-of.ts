import { type DeviceId, deviceMemory, type Plan, type Problem, planOf, reassigned } from '@tandem/core';
import type { Repairer } from './repaired-deployment.ts';

interface Placing {
  /** Without limits of latency and energy. */
  readonly problem: Problem;
  readonly plan: Plan;
  readonly cost: Repairer['cost'];
  /** Whether devices hold the plan. */
  readonly fits: (plan: Plan) => boolean;
}

/**
 * Where each stage would go, were its device lost: at the least cost, one device lost at a time, as far as every device's memory holds the
 * plan and all that stands by, which counts like replicas. What takes most memory comes first, while there is room. Where what a device
 * runs cannot stand by together, its stages do one by one.
 */
export function standBysOf(
  placing: Placing,
  devices: readonly DeviceId[],
  alive: ReadonlySet<DeviceId>,
): ReadonlyMap<number, DeviceId> {
  const found = new Map<number, DeviceId>();
  const own = new Map(devices.entries());
  for (const victim of heaviestFirst(placing, devices)) {
    const survivors = [...alive].filter((device) => device !== victim);
    const placed = (lost: readonly number[]): ReadonlyMap<number, DeviceId> | null => {
      const kept = new Map([...own].filter(([stage]) => !lost.includes(stage)));
      const cost = (all: ReadonlyMap<number, DeviceId>): number | null => {
        const more = lost.flatMap((stage): [number, DeviceId][] => [[stage, all.get(stage) ?? victim]]);
        const beside = new Map([...found, ...more]);
        return placing.fits(planBeside(placing, devices, beside)) ? placing.cost(all, survivors) : null;
      };
      return reassigned({ lost, kept, survivors, cost });
    };
    const lost = [...own].flatMap(([stage, device]) => (device === victim ? [stage] : []));
    const together = placed(lost);
    for (const stage of lost) {
      const device = (together ?? placed([stage]))?.get(stage);
      if (device !== undefined) found.set(stage, device);
    }
  }
  return found;
}

function heaviestFirst(placing: Placing, devices: readonly DeviceId[]): DeviceId[] {
  const plan = planBeside(placing, devices, new Map());
  const needs = new Map(
    devices.map((device) => [device, deviceMemory(placing.problem, plan, device).memoryBytes]),
  );
  const need = (device: DeviceId): number => needs.get(device) ?? 0;
  return [...needs.keys()].toSorted((one, other) => need(other) - need(one));
}

/** The plan's stages on these devices, and some on a second one. */
function planBeside(
  { problem, plan }: Placing,
  devices: readonly DeviceId[],
  standBys: ReadonlyMap<number, DeviceId>,
): Plan {
  const stages = plan.stages.map(({ nodes }, stage) => {
    const [device, other] = [devices[stage] ?? '', standBys.get(stage)];
    const both = [device, other ?? device].map((one) => ({ device: one, weight: 1 }));
    return { device, nodes, ...(other === undefined ? {} : { replicas: both }) };
  });
  return planOf(problem, plan.problemDigest, stages, plan.planner);
}
