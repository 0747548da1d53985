import type { Clock } from '../clock.ts';
import type { Evaluator } from '../cost/evaluate.ts';
import type { Figure, Plan } from '../plan/plan.ts';
import type { Problem } from '../plan/problem.ts';
import type { Random } from '../random.ts';
import type { Seconds } from '../units.ts';

/** One way to choose a plan. Stateless; the same problem and seed give the same plan, unless time was up (`PlannerContext.endsAt`). */
export interface Planner {
  /** Kebab-case, as the command line names it. */
  readonly name: string;
  /** Where it is published, or 'baseline'. */
  readonly paper: string;
  /** True: its plans may send tensors with fewer bits than they have, or run requests together, so that answers may differ. @default false */
  readonly lossy?: boolean;
  /** Called first, cheap: whether `plan` may be called for this problem. */
  supports(problem: Problem): { readonly yes: true } | { readonly yes: false; readonly reason: string };
  /**
   * Called once for each problem. Returns control to the event loop at least every 10 ms and rejects with the signal's reason when
   * aborted. The caller owns the budget: `evaluator.evaluate` counts.
   */
  plan(problem: Problem, context: PlannerContext): Promise<PlanResult>;
}

export interface PlannerContext {
  /** SHA-256 of the problem, for `Plan.problemDigest`. */
  readonly problemDigest: string;
  readonly evaluator: Evaluator;
  readonly random: Random;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** By the clock: a planner that could refine its answer for longer stops then. @default never */
  readonly endsAt?: Seconds;
}

/** What a part of the planning took; null = it was left out for lack of time. */
export interface TimeShare {
  readonly part: string;
  readonly seconds: Seconds | null;
}

export type PlanResult = Planned | Infeasible;

export interface Planned {
  readonly kind: 'plan';
  readonly plan: Plan;
  /** Present where the planner has proven one. */
  readonly bound?: ProvenBound;
  /**
   * Present where it has proven one for the placements of the chain: all plans that run each element of the graph (a stretch between two
   * tensors that are alone live) on one device, any one, again after others too. Fewer plans than `bound` is about, or others.
   */
  readonly chainBound?: ProvenBound;
  readonly evaluations: number;
  readonly planningSeconds: Seconds;
  /** Present where the planner asked others: what `planningSeconds` went into, in the order in which it began. */
  readonly timeShares?: readonly TimeShare[];
}

/** No feasible plan of the family that the planner chooses from has a lower value by the problem's objective. */
export interface ProvenBound {
  /** What the objective looks at, as in `Plan.claim`. */
  readonly figure: Figure;
  /** In the figure's unit; equal to the plan's own value where that is proven best. */
  readonly value: number;
}

export interface Infeasible {
  readonly kind: 'infeasible';
  readonly reason: string;
  readonly evaluations: number;
  readonly planningSeconds: Seconds;
  readonly timeShares?: readonly TimeShare[];
}
