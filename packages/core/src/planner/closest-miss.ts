import type { Report } from '../cost/report.ts';
import type { Problem } from '../plan/problem.ts';
import { type Placement, placementText } from './placement-text.ts';

/** Remembers, of the infeasible plans shown to it, the one that misses by least: to be told when none is feasible. */
export class ClosestMiss {
  readonly #problem: Problem;
  #count = 0;
  #least: readonly [otherFaults: number, excessBytes: number] | null = null;
  #sentence = '';

  constructor(problem: Problem) {
    this.#problem = problem;
  }

  /** How many were shown. */
  get count(): number {
    return this.#count;
  }

  add(plan: Placement, report: Report): void {
    this.#count++;
    const miss = missOf(this.#problem, report);
    const least = this.#least;
    if (least !== null && (miss[0] > least[0] || (miss[0] === least[0] && miss[1] >= least[1]))) return;
    this.#least = miss;
    this.#sentence = `${placementText(this.#problem, plan)}. ${report.violations.join(' ')}`;
  }

  reason(): string {
    if (this.#count === 0) return 'There is no placement to try.';
    if (this.#count === 1) return `Not feasible: ${this.#sentence}`;
    return `None of ${this.#count} placements is feasible; the closest is ${this.#sentence}`;
  }
}

/** How many constraints other than memory are broken, and by how many bytes memory is exceeded in all. */
function missOf({ cluster }: Problem, report: Report): readonly [number, number] {
  const need = new Map<string, number>();
  const excess: number[] = [];
  for (const { device, memoryBytes } of report.devices) {
    const row = cluster.devices.find(({ id }) => id === device);
    excess.push(memoryBytes - (row?.memoryBytes ?? 0));
    if (row !== undefined) need.set(row.host, (need.get(row.host) ?? 0) + memoryBytes);
  }
  for (const host of cluster.hosts) excess.push((need.get(host.id) ?? 0) - host.memoryBytes);
  const exceeded = excess.filter((size) => size > 0);
  return [report.violations.length - exceeded.length, exceeded.reduce((sum, size) => sum + size, 0)];
}
