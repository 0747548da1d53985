import type { Link } from '../../cluster/cluster.ts';
import { computeTable } from '../../cost/cost-tables.ts';
import { objectiveFigure } from '../../cost/objective-value.ts';
import type { PlainFigure, Problem } from '../../plan/problem.ts';
import { requestsOf } from '../../plan/problem.ts';
import { bitsPerSecond } from '../../units.ts';
import { ChainCosts } from '../chain/chain-costs.ts';
import type { ProvenBound } from '../planner.ts';
import { energyBound } from './energy-bound.ts';
import { latencyBound } from './latency-bound.ts';
import { periodBound } from './period-bound.ts';

/** Beyond this, units are taken together: the bound then knows less of each. */
const mostUnits = 512;

/**
 * A value by the problem's objective that no plan is below which sends tensors as they are and runs every request alike (a batch by several
 * cuts may overlap better), on any devices, at any clocks. Null where
 * stages were measured as one piece, which may take less than their nodes, and where an energy counts that cannot be bounded.
 */
export function objectiveBound(problem: Problem): ProvenBound | null {
  if ((problem.profile.segments ?? []).length > 0) return null;
  const bounds = new FigureBounds(problem);
  const { objective } = problem;
  const figure = objectiveFigure(objective);
  if (objective.kind !== 'weighted') {
    const value = figure === 'weighted' ? null : bounds.of(figure);
    return value === null ? null : { figure, value };
  }
  let sum = 0;
  for (const { figure: part, weight, reference } of objective.terms) {
    if (weight === 0) continue;
    const value = bounds.of(part);
    if (value === null) return null;
    sum += (weight * value) / reference;
  }
  return { figure, value: sum };
}

class FigureBounds {
  readonly #problem: Problem;
  readonly #latency: number;
  readonly #period: number;

  constructor(problem: Problem) {
    const links = problem.cluster.links.map(atItsBest);
    this.#problem = { ...problem, cluster: { ...problem.cluster, links } };
    const table = computeTable(this.#problem);
    this.#latency = latencyBound(new ChainCosts(this.#problem, mostUnits), table);
    this.#period = periodBound(problem.graph, table);
  }

  of(figure: PlainFigure): number | null {
    switch (figure) {
      case 'latencySeconds':
        return this.#latency;
      case 'periodSeconds':
        return this.#period;
      case 'makespanSeconds':
        return this.#latency + (requestsOf(this.#problem.workload) - 1) * this.#period;
      case 'energyJoules':
        return energyBound(this.#problem, this.#latency);
    }
  }
}

/** The highest rate of its trace all the time. */
function atItsBest(link: Link): Link {
  if (link.rate.kind !== 'trace') return link;
  const most = Math.max(...link.rate.points.map((point) => point.bitsPerSecond));
  return { ...link, rate: { kind: 'constant', bitsPerSecond: bitsPerSecond(most) } };
}
