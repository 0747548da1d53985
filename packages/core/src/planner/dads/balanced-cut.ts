import { costTables } from '../../cost/cost-tables.ts';
import { cutOf } from '../../graph/cut.ts';
import type { Cut, NodeId } from '../../graph/graph.ts';
import { singleTensorCuts } from '../../graph/single-tensor-cuts.ts';
import type { Problem } from '../../plan/problem.ts';
import type { Pacer } from '../pacer.ts';
import { type DevicePair, TwoStageCosts } from '../two-stage-costs.ts';
import { PartitionNetwork } from './partition-network.ts';

/** Powers of two by which the two compute times are weighted against the transfers. */
const widestPower = 6;
const refinements = 3;

interface Scored {
  readonly cut: Cut;
  readonly period: number;
  readonly latency: number;
}

/**
 * The cut with the shortest period among those that minimise a weighted sum of the three times, on a grid of weights 2^-6 … 2^6 that is
 * refined three times around the best (169 flows and 24 more), and those that a single tensor crosses. The weights (1, 1), which are
 * in the grid, give the 3-approximation.
 *
 * Differs from the paper in the grid: its linear steps reach as far as Σ compute / least transfer, which explodes where a tensor is
 * tiny. Weighted sums reach only the convex hull of the three times, so that the optimum may be missed; single-tensor cuts are
 * added because they are free. Cuts that send a raw input which must stay are left out. Empty where no cut can be run. `costs` are those of
 * the same problem with the period as its objective (`periodCosts`).
 */
export async function balancedCut(
  problem: Problem,
  costs: TwoStageCosts,
  pair: DevicePair,
  pacer: Pacer,
): Promise<readonly Cut[]> {
  await pacer();
  const search = new BalancedCutSearch(problem, costs, pair);
  await pacer();
  search.add([]);
  search.add([...problem.graph.nodes.keys()]);
  for (const { nodes } of singleTensorCuts(problem.graph)) {
    await pacer();
    search.add(nodes);
  }
  for (let first = -widestPower; first <= widestPower; first++) {
    for (let second = -widestPower; second <= widestPower; second++) {
      await search.tryPowers(first, second, pacer);
    }
  }
  for (let step = 1 / 2, round = 0; round < refinements; step /= 2, round++) {
    const [first, second] = search.bestPowers;
    for (const [right, up] of neighbours) {
      await search.tryPowers(first + step * right, second + step * up, pacer);
    }
  }
  return search.best === null ? [] : [search.best.cut];
}

/** Made once for all pairs of devices. */
export const periodCosts = (problem: Problem): TwoStageCosts =>
  new TwoStageCosts({ ...problem, objective: { kind: 'period' } });

const neighbours = [-1, 0, 1]
  .flatMap((right) => [-1, 0, 1].map((up) => [right, up] as const))
  .filter(([right, up]) => right !== 0 || up !== 0);

class BalancedCutSearch {
  readonly #problem: Problem;
  readonly #pair: DevicePair;
  readonly #network: PartitionNetwork;
  readonly #costs: TwoStageCosts;
  readonly #seen = new Set<string>();
  best: Scored | null = null;
  bestPowers: readonly [number, number] = [0, 0];

  constructor(problem: Problem, costs: TwoStageCosts, pair: DevicePair) {
    this.#problem = problem;
    this.#pair = pair;
    this.#network = new PartitionNetwork(problem, costTables(problem), pair, { delays: false });
    this.#costs = costs;
  }

  async tryPowers(first: number, second: number, pacer: Pacer): Promise<void> {
    await pacer();
    const { value, fewest, most } = this.#network.leastCuts({ first: 2 ** first, second: 2 ** second });
    if (value === Number.POSITIVE_INFINITY) return;
    await pacer();
    const improves = [this.add(fewest), this.add(most)].includes(true);
    if (improves) this.bestPowers = [first, second];
  }

  /** Whether this cut is the best so far. */
  add(nodes: readonly NodeId[]): boolean {
    const key = nodes.join();
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    const cut = cutOf(this.#problem.graph, nodes);
    if (this.#isForbidden(cut)) return false;
    const { objective, latencySeconds } = this.#costs.cost(cut, this.#pair);
    const scored = { cut, period: objective[0] ?? Number.POSITIVE_INFINITY, latency: latencySeconds };
    if (scored.latency === Number.POSITIVE_INFINITY) return false;
    const { best } = this;
    const isBetter =
      best === null ||
      scored.period < best.period ||
      (scored.period === best.period && scored.latency < best.latency);
    if (isBetter) this.best = scored;
    return isBetter;
  }

  /** Else the best might be a cut that sends the raw input, which nobody may choose then, and better ones be lost. */
  #isForbidden({ boundary }: Cut): boolean {
    const { graph, constraints } = this.#problem;
    return constraints.neverLeaveRawInput && boundary.some((tensor) => graph.inputs.includes(tensor));
  }
}
