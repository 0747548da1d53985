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
    const survivors = cheapestFirst(placing, devices, victim, alive);
    const placed = (lost: readonly number[]): ReadonlyMap<number, DeviceId> | null => {
      const kept = new Map([...own].filter(([stage]) => !lost.includes(stage)));
      let least = Number.POSITIVE_INFINITY;
      const cost = (all: ReadonlyMap<number, DeviceId>): number | null => {
        const price = placing.cost(all, survivors);
        // Whether it fits takes much longer to say than what it costs, so the cheapest are asked first.
        if (price === null || price > least) return null;
        const more = lost.flatMap((stage): [number, DeviceId][] => [[stage, all.get(stage) ?? victim]]);
        if (!placing.fits(planBeside(placing, devices, new Map([...found, ...more])))) return null;
        least = price;
        return price;
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

function cheapestFirst(
  { cost }: Placing,
  devices: readonly DeviceId[],
  victim: DeviceId,
  alive: ReadonlySet<DeviceId>,
): DeviceId[] {
  const survivors = [...alive].filter((device) => device !== victim);
  const price = (other: DeviceId): number => {
    const all = devices.map((device, stage) => [stage, device === victim ? other : device] as const);
    return cost(new Map(all), survivors) ?? Number.MAX_VALUE;
  };
  const prices = new Map(survivors.map((device) => [device, price(device)]));
  return survivors.toSorted((one, other) => (prices.get(one) ?? 0) - (prices.get(other) ?? 0));
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
