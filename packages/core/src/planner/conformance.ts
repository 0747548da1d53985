import { rateAt } from '../cluster/rate-at.ts';
import { createEvaluator, evaluate } from '../cost/evaluate.ts';
import { objectiveFigure, objectiveValue } from '../cost/objective-value.ts';
import type { Report } from '../cost/report.ts';
import type { Plan, Stage } from '../plan/plan.ts';
import { type CodecOf, planOf } from '../plan/plan-of.ts';
import type { Policies } from '../plan/policies.ts';
import type { Objective, Problem } from '../plan/problem.ts';
import { randomProblem } from '../plan/random-problem.ts';
import { validatePlan } from '../plan/validate-plan.ts';
import { createRandom, type Random } from '../random.ts';
import { bitsPerSecond, bytesPerSecond, flopsPerSecond, type Seconds, seconds, watts } from '../units.ts';
import type { Planned, Planner, PlannerContext, PlanResult } from './planner.ts';

/** What a planner's test file says of it. */
export interface PlannerSetup {
  readonly planner: Planner;
  /** Every placement that the planner may choose from, listed without its help: the oracle prices each. */
  family(problem: Problem): Iterable<Placement>;
  /** Whether it finds the best feasible placement of its family, always. */
  readonly exact: boolean;
  /** What the random problems ask for. @default latency */
  readonly objective?: Objective;
  /** Extent of the random problems. @default 9 nodes, 2 or 3 devices */
  readonly problem?: (random: Random) => Problem;
}

/** Stages, and how what crosses between them travels, raw where nothing is said; or a whole plan, where stages do not say it all. */
export type Placement = readonly Stage[] | CodedStages | Plan;

export interface CodedStages {
  readonly stages: readonly Stage[];
  readonly codecOf: CodecOf;
  /** @default none */
  readonly policies?: Policies;
}

/** What the suite needs of the test framework and of the platform. */
export interface TestFunctions {
  describe(name: string, body: () => void): void;
  it(name: string, body: () => Promise<void>): void;
  abortable(): { readonly signal: AbortSignal; abort(reason: unknown): void };
}

/** Fewer for objectives other than the first, whose paths are much the same. */
const runs = { latency: 150, other: 50 } as const;

/** The laws that every planner keeps, tried on random problems with fixed seeds. */
export function plannerConformance(setup: PlannerSetup, test: TestFunctions): void {
  const suite = new ConformanceSuite(setup, test);
  const objective = setup.objective?.kind ?? 'latency';
  test.describe(`planner '${setup.planner.name}' minimising ${objective}`, () => {
    test.it('gives the same plan for the same seed', () => suite.repeats());
    test.it('gives valid, explained plans whose claim is what evaluate says', () => suite.isHonest());
    test.it('never beats its oracle, and says no exactly when it must', () => suite.meetsOracle());
    test.it('keeps its choice when all times are scaled', () => suite.scales());
    if (setup.exact) test.it('never does worse on faster links and devices', () => suite.isMonotone());
    test.it('rejects with the reason of an aborted signal, before and during planning', () => suite.aborts());
  });
}

class ConformanceSuite {
  readonly #setup: PlannerSetup;
  readonly #test: TestFunctions;
  readonly #runs: number;

  constructor(setup: PlannerSetup, test: TestFunctions) {
    this.#setup = setup;
    this.#test = test;
    this.#runs = (setup.objective?.kind ?? 'latency') === 'latency' ? runs.latency : runs.other;
  }

  async repeats(): Promise<void> {
    for (const problem of this.#problems()) {
      const [once, again] = [await this.#plan(problem), await this.#plan(problem)];
      check(JSON.stringify(once) === JSON.stringify(again), 'two runs differ');
    }
  }

  async isHonest(): Promise<void> {
    let plans = 0;
    for (const problem of this.#problems()) {
      const result = await this.#plan(problem);
      if (result.kind === 'infeasible') continue;
      plans++;
      checkPlan(problem, this.#setup.planner, result.plan);
      check(result.evaluations > 0, 'no evaluation was counted');
    }
    check(plans > this.#runs / 4, `only ${plans} of ${this.#runs} problems had a plan`);
  }

  async meetsOracle(): Promise<void> {
    for (const problem of this.#problems()) {
      const best = oracle(problem, this.#setup.family(problem));
      const result = await this.#plan(problem);
      if (result.kind === 'infeasible') {
        check(result.reason.length > 20, `the reason '${result.reason}' says too little`);
        check(best === null || !this.#setup.exact, `said '${result.reason}' though ${best} s are possible`);
        continue;
      }
      const value = valueOf(problem, result.plan);
      check(best !== null && value >= best * (1 - 1e-9), `costs ${value}, the oracle ${best}`);
      checkBound(problem, result, best);
      if (this.#setup.exact) check(best !== null && near(value, best), `costs ${value}, the best is ${best}`);
    }
  }

  async scales(): Promise<void> {
    for (const problem of this.#problems()) {
      const [once, slowed] = [await this.#plan(problem), await this.#plan(withTimesTimes(problem, 4))];
      check(once.kind === slowed.kind, 'scaling times changed whether there is a plan');
      if (once.kind === 'infeasible' || slowed.kind === 'infeasible') continue;
      check(JSON.stringify(once.plan.stages) === JSON.stringify(slowed.plan.stages), 'scaling moved a stage');
      check(near(4 * claimOf(once.plan), claimOf(slowed.plan)), 'its value did not scale with the times');
    }
  }

  async isMonotone(): Promise<void> {
    for (const problem of this.#problems()) {
      const before = await this.#plan(problem);
      if (before.kind === 'infeasible') continue;
      for (const faster of [withLinkRateTimes(problem, 2), withDeviceRateTimes(problem, 2)]) {
        const after = await this.#plan(faster);
        const isNoWorse = after.kind === 'plan' && claimOf(after.plan) <= claimOf(before.plan) * (1 + 1e-12);
        check(isNoWorse, 'a faster cluster has a slower plan');
      }
    }
  }

  async aborts(): Promise<void> {
    const problem = this.#problems().next().value;
    check(problem !== undefined, 'there is no problem to plan');
    const before = this.#test.abortable();
    before.abort('withdrawn before');
    await checkRejects(
      this.#run(problem, { ...contextOf(problem), signal: before.signal }),
      'withdrawn before',
    );
    const during = this.#test.abortable();
    // Time flies by 10 ms a look, so the planner must give way at once; then it is withdrawn.
    let now = 0;
    const clock = {
      now: (): Seconds => seconds((now += 0.01)),
      sleep: async (): Promise<void> => during.abort('withdrawn during'),
    };
    const context = { ...contextOf(problem), clock, signal: during.signal };
    await checkRejects(this.#run(problem, context), 'withdrawn during');
  }

  *#problems(): Generator<Problem, undefined> {
    for (let seed = 0; seed < this.#runs; seed++) {
      const random = createRandom(seed);
      const problem = this.#setup.problem?.(random) ?? plannerProblem(random);
      const asked = withObjective(problem, this.#setup.objective ?? { kind: 'latency' }, random);
      if (this.#setup.planner.supports(asked).yes) yield asked;
    }
    return undefined;
  }

  #plan(problem: Problem): Promise<PlanResult> {
    return this.#run(problem, { ...contextOf(problem), signal: this.#test.abortable().signal });
  }

  async #run(problem: Problem, context: PlannerContext): Promise<PlanResult> {
    return this.#setup.planner.plan(problem, context);
  }
}

/** Chains and graphs with ties, skips and folded nodes; devices that lack links or memory; answers wanted elsewhere. */
export function plannerProblem(random: Random): Problem {
  const kinds = ['chain', 'series-parallel', 'general'] as const;
  return randomProblem(random, {
    graph: { kind: kinds[random.integer(3)] ?? 'general', nodes: 1 + random.integer(9), folded: 0.15 },
    devices: 2 + random.integer(2),
    missingLinks: 0.15,
    bursts: 0.2,
    tightMemory: 0.4,
    elsewhere: 0.25,
    rawInputStays: 0.15,
  });
}

/** The same problem with another wish, and what that needs: powers to know energy by, requests to make a span. */
export function withObjective(problem: Problem, objective: Objective, random: Random): Problem {
  if (objective.kind === 'latency') return problem;
  const devices = problem.cluster.devices.map((device) => {
    const idle = random.integer(4) / 4;
    return {
      ...device,
      power: {
        kind: 'law' as const,
        idleWatts: watts(idle),
        staticWatts: watts(idle),
        dynamicWattsAtMaximum: watts(random.integer(16) / 4),
        exponent: 3,
      },
    };
  });
  return {
    ...problem,
    objective,
    cluster: { ...problem.cluster, devices },
    workload: {
      ...problem.workload,
      arrivals: objective.kind === 'energy' ? { kind: 'one' } : { kind: 'batch', requests: 3 },
    },
  };
}

/** The lowest value of the feasible placements by the problem's objective; null when none is. */
export function oracle(problem: Problem, family: Iterable<Placement>): number | null {
  const evaluator = createEvaluator(problem);
  let best: number | null = null;
  for (const placement of family) {
    const report = evaluator.evaluate(
      'problemDigest' in placement ? placement : placedPlan(problem, placement),
    );
    if (report.violations.length > 0) continue;
    const value = objectiveValue(problem.objective, report);
    best = best === null ? value : Math.min(best, value);
  }
  return best;
}

function placedPlan(problem: Problem, placement: readonly Stage[] | CodedStages): Plan {
  const { stages, ...options } = 'codecOf' in placement ? placement : { stages: placement };
  return planOf(problem, '', stages, 'oracle', options);
}

/** A context with a clock that stands still; the signal is the caller's. */
function contextOf(problem: Problem): Omit<PlannerContext, 'signal'> {
  return {
    problemDigest: 'digest of the problem',
    evaluator: createEvaluator(problem),
    random: createRandom(1),
    clock: { now: () => seconds(0), sleep: async () => {} },
  };
}

function checkPlan(problem: Problem, planner: Planner, plan: Plan): void {
  const faults = validatePlan(problem, plan);
  check(faults.length === 0, faults.join(' '));
  const report: Report = evaluate(problem, plan);
  check(report.violations.length === 0, report.violations.join(' '));
  const value = objectiveValue(problem.objective, report);
  check(near(claimOf(plan), value), `claims ${claimOf(plan)}, costs ${value}`);
  check(plan.claim?.figure === objectiveFigure(problem.objective), 'the claim is of another figure');
  check(plan.planner === planner.name, `the plan says that '${plan.planner}' made it`);
  check(plan.problemDigest === 'digest of the problem', 'the plan does not name its problem');
  check(plan.why.sentence.length > 20, 'the plan is not explained');
  check(plan.why.value === claimOf(plan), 'the deciding figure is not the claim');
  const second = plan.why.runnerUp?.value ?? Number.POSITIVE_INFINITY;
  check(second >= plan.why.value * (1 - 1e-9), `the runner-up takes ${second}, less than ${plan.why.value}`);
}

/** A bound that is proven is nowhere above the best of the family. */
function checkBound({ objective }: Problem, { bound }: Planned, best: number | null): void {
  if (bound === undefined) return;
  check(bound.figure === objectiveFigure(objective), `the bound is of ${bound.figure}`);
  check(
    best !== null && bound.value <= best * (1 + 1e-9),
    `the bound is ${bound.value}, the best is ${best}`,
  );
}

function valueOf(problem: Problem, plan: Plan): number {
  return objectiveValue(problem.objective, evaluate(problem, plan));
}

function claimOf(plan: Plan): number {
  return plan.claim?.value ?? Number.NaN;
}

function near(left: number, right: number): boolean {
  return Math.abs(left - right) <= 1e-9 * Math.max(Math.abs(left), Math.abs(right));
}

function withTimesTimes(problem: Problem, factor: number): Problem {
  const slower = withDeviceRateTimes(withLinkRateTimes(problem, 1 / factor), 1 / factor);
  const time = (value: Seconds): Seconds => seconds(value * factor);
  return {
    ...slower,
    profile: { rows: slower.profile.rows.map((row) => ({ ...row, seconds: time(row.seconds) })) },
    cluster: {
      ...slower.cluster,
      devices: slower.cluster.devices.map((device) => ({
        ...device,
        launchSeconds: time(device.launchSeconds),
      })),
      links: slower.cluster.links.map((link) => ({
        ...link,
        roundTripSeconds: time(link.roundTripSeconds),
        perMessageSeconds: time(link.perMessageSeconds),
      })),
    },
  };
}

function withLinkRateTimes(problem: Problem, factor: number): Problem {
  const links = problem.cluster.links.map((link) => ({
    ...link,
    rate: { kind: 'constant' as const, bitsPerSecond: bitsPerSecond(rateAt(link, 0) * factor) },
  }));
  return { ...problem, cluster: { ...problem.cluster, links } };
}

function withDeviceRateTimes(problem: Problem, factor: number): Problem {
  const devices = problem.cluster.devices.map((device) => ({
    ...device,
    flopsPerSecond: flopsPerSecond(device.flopsPerSecond * factor),
    memoryBytesPerSecond: bytesPerSecond(device.memoryBytesPerSecond * factor),
  }));
  return { ...problem, cluster: { ...problem.cluster, devices } };
}

async function checkRejects(promise: Promise<unknown>, reason: string): Promise<void> {
  try {
    await promise;
  } catch (error) {
    check(error === reason, `rejected with ${String(error)}, expected '${reason}'`);
    return;
  }
  check(false, `resolved although '${reason}'`);
}

function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}
