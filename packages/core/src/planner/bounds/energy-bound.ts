import { computeTable } from '../../cost/cost-tables.ts';
import { drawOf } from '../../cost/power.ts';
import { foldGroups } from '../../graph/fold-groups.ts';
import type { Problem } from '../../plan/problem.ts';
import { clockChoices } from '../coinfer/clock-choices.ts';

/**
 * No placement costs less energy: every node where it costs least, and the source and the sink awake for as long as any request takes;
 * links for nothing. Null where a device's clock is a range, of which not every rate can be tried, or the power of one is not known. Joules.
 */
export function energyBound(problem: Problem, latencySeconds: number): number | null {
  const { cluster, workload, graph } = problem;
  const ends = new Set([workload.source, workload.sink]);
  const groups = foldGroups(graph);
  const least = new Float64Array(groups.length).fill(Number.POSITIVE_INFINITY);
  let waiting = 0;
  for (const device of cluster.devices) {
    if (device.power === undefined || device.frequencies?.kind === 'range') return null;
    const isEnd = ends.has(device.id);
    const idle = isEnd ? (drawOf(device, undefined)?.idleWatts ?? 0) : 0;
    waiting += idle * latencySeconds;
    const alone = { ...problem, cluster: { ...cluster, devices: [device] } };
    const clockings = [undefined, ...clockChoices(device).map((rate) => ({ [device.id]: rate }))];
    for (const frequency of clockings) {
      const draw = drawOf(device, frequency);
      if (draw === null) return null;
      const watts = draw.staticWatts + draw.dynamicWatts - idle;
      const row = computeTable(alone, frequency).seconds[0] ?? [];
      for (const [at, { nodes }] of groups.entries())
        least[at] = Math.min(least[at] ?? 0, watts * nodes.reduce((sum, node) => sum + (row[node] ?? 0), 0));
    }
  }
  return Math.max(
    0,
    least.reduce((sum, joules) => sum + joules, waiting),
  );
}
