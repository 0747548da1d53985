import { createEvaluator, type DeviceId, type Plan, type Problem, planOf, reassigned } from '@tandem/core';
import type { Repairer } from './repaired-deployment.ts';

interface Placing {
  /** Without limits of latency and energy. */
  readonly problem: Problem;
  readonly plan: Plan;
  readonly cost: Repairer['cost'];
}

/**
 * Where each stage would go, were its device lost: as a repair would give it, one device lost at a time, as far as every device's memory
 * holds the plan and all that stands by, which counts like replicas.
 */
export function standBysOf(
  { problem, plan, cost }: Placing,
  devices: readonly DeviceId[],
  alive: ReadonlySet<DeviceId>,
): ReadonlyMap<number, DeviceId> {
  const found = new Map<number, DeviceId>();
  const fits = (): boolean => {
    const stages = plan.stages.map(({ nodes }, stage) => {
      const [device, other] = [devices[stage] ?? '', found.get(stage)];
      const both = [device, other ?? device].map((one) => ({ device: one, weight: 1 }));
      return { device, nodes, ...(other === undefined ? {} : { replicas: both }) };
    });
    const held = planOf(problem, plan.problemDigest, stages, plan.planner);
    return createEvaluator(problem).evaluate(held).violations.length === 0;
  };
  for (const victim of new Set(devices)) {
    const placed = [...devices.entries()];
    const lost = placed.flatMap(([stage, device]) => (device === victim ? [stage] : []));
    const kept = new Map(placed.filter(([, device]) => device !== victim));
    const survivors = [...alive].filter((device) => device !== victim);
    const places = reassigned({ lost, kept, survivors, cost: (all) => cost(all, survivors) });
    for (const stage of lost) {
      const device = places?.get(stage);
      if (device === undefined) continue;
      found.set(stage, device);
      if (!fits()) found.delete(stage);
    }
  }
  return found;
}
