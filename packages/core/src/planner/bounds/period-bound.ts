import type { ComputeTable } from '../../cost/cost-tables.ts';
import { foldGroups } from '../../graph/fold-groups.ts';
import type { Graph } from '../../graph/graph.ts';

/** Steps of the multipliers; the bound grows little after. */
const steps = 60;

/**
 * No placement of nodes on devices answers requests more often, whatever links and memory there are: the busiest device is at least as
 * busy as any weighted mean of all, Σ over nodes of the least weight × seconds over the devices, for weights that add up to 1 (the
 * dual of sharing nodes out in fractions), and as the longest node on its fastest device. The weights are found by multiplicative updates; every one of them gives
 * a valid bound. Seconds. O(nodes × devices × steps).
 */
export function periodBound(graph: Graph, table: ComputeTable): number {
  const times = foldGroups(graph).map(({ nodes }) =>
    table.devices.map((_, device) =>
      nodes.reduce((sum, node) => sum + (table.seconds[device]?.[node] ?? 0), 0),
    ),
  );
  let best = times.reduce((most, row) => Math.max(most, Math.min(...row)), 0);
  const weights = table.devices.map(() => 1);
  for (let step = 0; step < steps; step++) {
    const sum = weights.reduce((total, weight) => total + weight, 0);
    const loads = table.devices.map(() => 0);
    let value = 0;
    for (const row of times) {
      let chosen = 0;
      for (let device = 1; device < row.length; device++)
        if ((weights[device] ?? 0) * (row[device] ?? 0) < (weights[chosen] ?? 0) * (row[chosen] ?? 0))
          chosen = device;
      loads[chosen] = (loads[chosen] ?? 0) + (row[chosen] ?? 0);
      value += ((weights[chosen] ?? 0) / sum) * (row[chosen] ?? 0);
    }
    best = Math.max(best, value);
    const most = Math.max(...loads);
    if (most === 0) break;
    const rate = 1 / Math.sqrt(1 + step);
    for (const [device, load] of loads.entries())
      weights[device] = ((weights[device] ?? 0) / sum) * Math.exp((rate * load) / most);
  }
  return best;
}
