import type { Link } from '../../cluster/cluster.ts';
import { computeTable } from '../../cost/cost-tables.ts';
import { objectiveFigure } from '../../cost/objective-value.ts';
import type { Report } from '../../cost/report.ts';
import type { Objective, PlainFigure, Problem } from '../../plan/problem.ts';
import { requestsOf } from '../../plan/problem.ts';
import { type PacedSearch, runPacedSearch } from '../../search/paced-search.ts';
import { bitsPerSecond } from '../../units.ts';
import { ChainCosts } from '../chain/chain-costs.ts';
import { figuresOf } from '../objective-support.ts';
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
 * Values by the problem's objective that no plan is below which sends tensors as they are and runs every request alike (a batch by several cuts
 * may overlap better) and to its end, on any devices, at any clocks.
 */
export interface ObjectiveBounds {
  /** All placements of nodes on devices. */
  readonly bound: ProvenBound;
  /** Those that run every element of the chain on one device. */
  readonly chainBound: ProvenBound;
}

/**
 * Both bounds, sought no higher than `known`, what a plan comes to. Null where stages were measured as one piece, which may take less than their
 * nodes, and where an energy counts that cannot be bounded.
 */
export async function objectiveBounds(
  problem: Problem,
  known: Report,
  pacer: Pacer,
): Promise<ObjectiveBounds | null> {
  if ((problem.profile.segments ?? []).length > 0) return null;
  const bounds = new FigureBounds(problem, known, pacer);
  const { objective } = problem;
  const figure = objectiveFigure(objective);
  const sum = { all: 0, chain: 0 };
  for (const { figure: part, weight, reference } of termsOf(objective)) {
    const values = await bounds.of(part);
    if (values === null) return null;
    sum.all += (weight * values.all) / reference;
    sum.chain += (weight * values.chain) / reference;
  }
  return { bound: { figure, value: sum.all }, chainBound: { figure, value: sum.chain } };
}

type Terms = Extract<Objective, { readonly kind: 'weighted' }>['terms'];

/** The first figure decides where several are compared in turn. */
function termsOf(objective: Objective): Terms {
  if (objective.kind === 'weighted') return objective.terms.filter(({ weight }) => weight > 0);
  return figuresOf(objective)
    .slice(0, 1)
    .map((figure) => ({ figure, weight: 1, reference: 1 }));
}

/** Of all placements and of those of the chain; the first is the lower one. */
interface Pair {
  readonly all: number;
  readonly chain: number;
}

class FigureBounds {
  readonly #problem: Problem;
  readonly #known: Report;
  readonly #pacer: Pacer;
  readonly #chain: ChainCosts;
  readonly #links: LinkTimes;
  readonly #ofChain: ChainRelaxation;

  constructor(problem: Problem, known: Report, pacer: Pacer) {
    this.#problem = problem.cluster.links.some(({ rate }) => rate.kind === 'trace')
      ? { ...problem, cluster: { ...problem.cluster, links: problem.cluster.links.map(atItsBest) } }
      : problem;
    this.#known = known;
    this.#pacer = pacer;
    this.#chain = ChainCosts.of(this.#problem, mostUnits);
    this.#links = new LinkTimes(this.#chain.index);
    this.#ofChain = chainRelaxation(this.#chain, relaxedUnits(this.#chain, computeTable(this.#problem)));
  }

  async of(figure: PlainFigure): Promise<Pair | null> {
    switch (figure) {
      case 'latencySeconds':
        return await this.#pair(
          (canPart, known) => this.#latency(canPart, known),
          this.#known.latencySeconds,
        );
      case 'periodSeconds':
        return await this.#pair((canPart, known) => this.#period(canPart, known), this.#known.periodSeconds);
      case 'makespanSeconds':
        return await this.#makespan();
      case 'energyJoules':
        return await this.#energy();
    }
  }

  /** What holds for all placements holds for those of the chain. */
  async #pair(bound: (canPart: boolean, known: number) => PacedSearch<number>, known: number): Promise<Pair> {
    const chain = await runPacedSearch(bound(false, known), this.#pacer);
    const all = await runPacedSearch(bound(true, Math.min(known, chain)), this.#pacer);
    return { all, chain };
  }

  #relaxation(canPart: boolean): ChainRelaxation {
    return { ...this.#ofChain, canPart };
  }

  *#latency(canPart: boolean, known: number): PacedSearch<number> {
    const relaxation = yield* latencyRelaxation(this.#relaxation(canPart), this.#chain, this.#links);
    return yield* latencyBound(relaxation, known);
  }

  #period(canPart: boolean, known: number): PacedSearch<number> {
    return periodBound(this.#relaxation(canPart), this.#links, known);
  }

  async #makespan(): Promise<Pair | null> {
    const [latency, period] = [await this.of('latencySeconds'), await this.of('periodSeconds')];
    const more = requestsOf(this.#problem.workload) - 1;
    if (latency === null || period === null) return null;
    return { all: latency.all + more * period.all, chain: latency.chain + more * period.chain };
  }

  async #energy(): Promise<Pair | null> {
    const latency = await this.of('latencySeconds');
    const all = latency === null ? null : energyBound(this.#problem, latency.all);
    const chain = latency === null ? null : energyBound(this.#problem, latency.chain);
    return all === null || chain === null ? null : { all, chain };
  }
}

/** The highest rate of its trace all the time. */
function atItsBest(link: Link): Link {
  if (link.rate.kind !== 'trace') return link;
  const most = Math.max(...link.rate.points.map((point) => point.bitsPerSecond));
  return { ...link, rate: { kind: 'constant', bitsPerSecond: bitsPerSecond(most) } };
}
