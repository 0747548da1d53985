import type { Link } from '../../cluster/cluster.ts';
import { computeTable } from '../../cost/cost-tables.ts';
import { objectiveFigure } from '../../cost/objective-value.ts';
import type { Report } from '../../cost/report.ts';
import type { PlainFigure, Problem } from '../../plan/problem.ts';
import { requestsOf } from '../../plan/problem.ts';
import { runPacedSearch } from '../../search/paced-search.ts';
import { bitsPerSecond } from '../../units.ts';
import { ChainCosts } from '../chain/chain-costs.ts';
import type { Pacer } from '../pacer.ts';
import type { ProvenBound } from '../planner.ts';
import { type ChainRelaxation, chainRelaxation } from './chain-relaxation.ts';
import { energyBound } from './energy-bound.ts';
import { latencyBound } from './latency-bound.ts';
import { latencyRelaxation } from './latency-relaxation.ts';
import { LinkTimes } from './link-times.ts';
import { periodBound } from './period-bound.ts';
import { relaxedUnits } from './relaxed-units.ts';

/** Beyond this, units are taken together: the bound then knows less of each. */
const mostUnits = 512;

/**
 * A value by the problem's objective that no plan is below which sends tensors as they are and runs every request alike (a batch by several
 * cuts may overlap better), on any devices, at any clocks. Null where
 * stages were measured as one piece, which may take less than their nodes, and where an energy counts that cannot be bounded.
 */
export async function objectiveBound(
  problem: Problem,
  report: Report,
  pacer: Pacer,
): Promise<ProvenBound | null> {
  if ((problem.profile.segments ?? []).length > 0) return null;
  const bounds = new FigureBounds(problem, report, pacer);
  const { objective } = problem;
  const figure = objectiveFigure(objective);
  if (objective.kind !== 'weighted') {
    const value = figure === 'weighted' ? null : await bounds.of(figure);
    return value === null ? null : { figure, value };
  }
  let sum = 0;
  for (const { figure: part, weight, reference } of objective.terms) {
    if (weight === 0) continue;
    const value = await bounds.of(part);
    if (value === null) return null;
    sum += (weight * value) / reference;
  }
  return { figure, value: sum };
}

class FigureBounds {
  readonly #problem: Problem;
  readonly #known: Report;
  readonly #pacer: Pacer;
  readonly #chain: ChainCosts;
  readonly #links: LinkTimes;
  readonly #relaxation: ChainRelaxation;

  constructor(problem: Problem, known: Report, pacer: Pacer) {
    this.#problem = problem.cluster.links.some(({ rate }) => rate.kind === 'trace')
      ? { ...problem, cluster: { ...problem.cluster, links: problem.cluster.links.map(atItsBest) } }
      : problem;
    this.#known = known;
    this.#pacer = pacer;
    this.#chain = ChainCosts.of(this.#problem, mostUnits);
    this.#links = new LinkTimes(this.#chain.index);
    const units = relaxedUnits(this.#chain, computeTable(this.#problem));
    this.#relaxation = chainRelaxation(this.#chain, units, true);
  }

  async of(figure: PlainFigure): Promise<number | null> {
    switch (figure) {
      case 'latencySeconds':
        return this.#latency();
      case 'periodSeconds':
        return this.#period();
      case 'makespanSeconds':
        return (await this.#latency()) + (requestsOf(this.#problem.workload) - 1) * (await this.#period());
      case 'energyJoules':
        return energyBound(this.#problem, await this.#latency());
    }
  }

  #latency(): Promise<number> {
    const relaxation = latencyRelaxation(this.#relaxation, this.#chain, this.#links);
    return runPacedSearch(latencyBound(relaxation, this.#known.latencySeconds), this.#pacer);
  }

  #period(): Promise<number> {
    const search = periodBound(this.#relaxation, this.#links, this.#known.periodSeconds);
    return runPacedSearch(search, this.#pacer);
  }
}

/** The highest rate of its trace all the time. */
function atItsBest(link: Link): Link {
  if (link.rate.kind !== 'trace') return link;
  const most = Math.max(...link.rate.points.map((point) => point.bitsPerSecond));
  return { ...link, rate: { kind: 'constant', bitsPerSecond: bitsPerSecond(most) } };
}
