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
import type { IsLate, Pacer } from '../pacer.ts';
import type { ProvenBound } from '../planner.ts';
import { type ChainRelaxation, chainRelaxation } from './chain-relaxation.ts';
import { energyBound } from './energy-bound.ts';
import { latencyBound } from './latency-bound.ts';
import { latencyRelaxation } from './latency-relaxation.ts';
import { LinkTimes } from './link-times.ts';
import { periodBound } from './period-bound.ts';
import type { PeriodLoads } from './period-loads.ts';
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
 * Both bounds, sought no higher than `known`, what a plan comes to, and no longer than there is time `left` (in seconds, asked time and again), as far as nothing at all would be said then. Null where stages were measured as one piece, which may take less than their
 * nodes, and where an energy counts that cannot be bounded.
 */
export async function objectiveBounds(
  problem: Problem,
  known: Report,
  pacer: Pacer,
  left: () => number = () => Number.POSITIVE_INFINITY,
): Promise<ObjectiveBounds | null> {
  if ((problem.profile.segments ?? []).length > 0) return null;
  const bounds = await FigureBounds.of(problem, known, pacer, left);
  const { objective } = problem;
  const figure = objectiveFigure(objective);
  const sum = { all: 0, chain: 0 };
  for (const { figure: part, weight, reference } of termsOf(objective)) {
    const values = await bounds.bound(part);
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

type FigureBound = (canPart: boolean, known: number, isLate: IsLate) => PacedSearch<number>;

class FigureBounds {
  readonly #problem: Problem;
  readonly #known: Report;
  readonly #pacer: Pacer;
  readonly #left: () => number;
  readonly #chain: ChainCosts;
  readonly #links: LinkTimes;
  readonly #ofChain: ChainRelaxation;
  /** Of the period's bound of the chain. */
  #weights: PeriodLoads | null = null;

  /** In steps, because each may take a few milliseconds. */
  static async of(problem: Problem, known: Report, pacer: Pacer, left: () => number): Promise<FigureBounds> {
    const atBest = problem.cluster.links.some(({ rate }) => rate.kind === 'trace')
      ? { ...problem, cluster: { ...problem.cluster, links: problem.cluster.links.map(atItsBest) } }
      : problem;
    await pacer();
    const chain = ChainCosts.of(atBest, mostUnits);
    await pacer();
    const units = relaxedUnits(chain, computeTable(atBest));
    await pacer();
    return new FigureBounds(chain, chainRelaxation(chain, units), known, pacer, left);
  }

  private constructor(
    chain: ChainCosts,
    ofChain: ChainRelaxation,
    known: Report,
    pacer: Pacer,
    left: () => number,
  ) {
    this.#problem = chain.problem;
    this.#known = known;
    this.#pacer = pacer;
    this.#left = left;
    this.#chain = chain;
    this.#links = new LinkTimes(chain.index);
    this.#ofChain = ofChain;
  }

  async bound(figure: PlainFigure): Promise<Pair | null> {
    switch (figure) {
      case 'latencySeconds':
        return await this.#pair(
          (canPart, known, isLate) => this.#latency(canPart, known, isLate),
          this.#known.latencySeconds,
        );
      case 'periodSeconds':
        return await this.#pair(
          (canPart, known, isLate) => this.#period(canPart, known, isLate),
          this.#known.periodSeconds,
        );
      case 'makespanSeconds':
        return await this.#makespan();
      case 'energyJoules':
        return await this.#energy();
    }
  }

  /** What holds for all placements holds for those of the chain. */
  async #pair(bound: FigureBound, known: number): Promise<Pair> {
    const most = this.#left();
    const isHalfOver = (): boolean => this.#left() < most / 2;
    const isOver = (): boolean => this.#left() <= 0;
    const chain = await runPacedSearch(bound(false, known, isHalfOver), this.#pacer);
    const all = await runPacedSearch(bound(true, Math.min(known, chain), isOver), this.#pacer);
    return { all, chain };
  }

  #relaxation(canPart: boolean): ChainRelaxation {
    return { ...this.#ofChain, canPart };
  }

  *#latency(canPart: boolean, known: number, isLate: IsLate): PacedSearch<number> {
    const relaxation = yield* latencyRelaxation(this.#relaxation(canPart), this.#chain, this.#links);
    return yield* latencyBound(relaxation, known, isLate);
  }

  *#period(canPart: boolean, known: number, isLate: IsLate): PacedSearch<number> {
    const relaxation = this.#relaxation(canPart);
    const { value, weights } = yield* periodBound(relaxation, this.#links, known, this.#weights, isLate);
    this.#weights = weights;
    return value;
  }

  async #makespan(): Promise<Pair | null> {
    const [latency, period] = [await this.bound('latencySeconds'), await this.bound('periodSeconds')];
    const more = requestsOf(this.#problem.workload) - 1;
    if (latency === null || period === null) return null;
    return { all: latency.all + more * period.all, chain: latency.chain + more * period.chain };
  }

  async #energy(): Promise<Pair | null> {
    const latency = await this.bound('latencySeconds');
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
