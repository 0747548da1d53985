import {
  type ChooseContext,
  type Clock,
  comparePlanners,
  createEvaluator,
  createRandom,
  deviceMemory,
  objectiveValue,
  type Plan,
  type Problem,
  planOf,
  planWays,
  proportionalSplit,
  type Report,
  type Stage,
  seconds,
} from '@tandem/core';
import { plansOf } from './families.ts';
import { type Instance, randomInstance } from './instances.ts';
import type { Subject } from './subjects.ts';

/** What one planner came to on one instance, beside the best of its family. */
export interface Trial {
  /** The planner treats such problems. */
  readonly asked: boolean;
  /** With memory for everything a better placement, or any, would be feasible. */
  readonly binds: boolean;
  /** Some placement of its family is feasible. */
  readonly solvable: boolean;
  /** Its value / the best of its family; null without a plan, Infinity above 0. */
  readonly ratio: number | null;
  /** The same with memory for everything, of a planner that does not look at memory and promises a factor; else null. */
  readonly roomyRatio: number | null;
  /** Its plan is invalid or violates a constraint. */
  readonly violates: boolean;
  /** The best of the family / what the planner proves; null where it proves nothing, or neither costs anything. */
  readonly slack: number | null;
  /** What it proves is above what is possible. */
  readonly wrongBound: boolean;
  /** The placement that would be best if a device forgot what it held when another one takes over overflows memory. */
  readonly forgetful: boolean;
  /** As many elements in proportion to the devices' memory: overflows. */
  readonly proportional: boolean;
}

const rounding = 1e-9;
/** Stands still: no planner stops for lack of time, so counts do not depend on the machine. */
const stillClock: Clock = { now: () => seconds(0), sleep: async () => {} };

/** Instance `seed` of the subject. */
export async function runTrial(subject: Subject, seed: number, signal: AbortSignal): Promise<Trial> {
  const instance = randomInstance(createRandom(seed), subject);
  const { problem } = instance;
  const family = plansOf(subject.family, problem);
  const best = bestOf(problem, family)?.value ?? null;
  const free = bestOf(instance.roomy, family)?.value ?? null;
  const context = { problemDigest: '', random: createRandom(seed), clock: stillClock, signal };
  const { rows } = await comparePlanners(problem, [subject.planner], context);
  const row = rows[0];
  const result = row?.result;
  const bound = result?.kind === 'plan' ? (result.bound?.value ?? null) : null;
  const value = row?.value ?? null;
  return {
    asked: result !== undefined && result.kind !== 'unsupported',
    binds: free !== null && (best === null || best > free * (1 + rounding)),
    solvable: best !== null,
    ratio: value === null || best === null ? null : ratioOf(value, best),
    roomyRatio: await roomyRatio(subject, instance.roomy, free, { ...context, random: createRandom(seed) }),
    violates: result?.kind === 'plan' && row?.feasible !== true,
    slack: bound === null || best === null ? null : ratioOf(best, bound),
    wrongBound: best !== null && bound !== null && bound > best * (1 + rounding),
    forgetful: forgets(instance, family),
    proportional: overflows(problem, planOf(problem, '', proportionalStages(problem), 'rule')),
  };
}

async function roomyRatio(
  { planner, mostRatio, looksAtMemory }: Subject,
  roomy: Problem,
  best: number | null,
  context: ChooseContext,
): Promise<number | null> {
  if (mostRatio === null || looksAtMemory || best === null) return null;
  const { rows } = await comparePlanners(roomy, [planner], context);
  const value = rows[0]?.value ?? null;
  return value === null ? null : ratioOf(value, best);
}

function ratioOf(value: number, best: number): number {
  if (Math.abs(value - best) <= rounding * best || value === best) return 1;
  return best === 0 ? Number.POSITIVE_INFINITY : value / best;
}

interface Best {
  readonly value: number;
  readonly plan: Plan;
}

/** The feasible one of the least value, if `fits` has nothing against it. */
function bestOf(
  problem: Problem,
  family: readonly Plan[],
  fits: (plan: Plan) => boolean = () => true,
): Best | null {
  const evaluator = createEvaluator(problem);
  let best: Best | null = null;
  for (const plan of family) {
    const report = evaluator.evaluate(plan);
    if (report.violations.length > 0) continue;
    const value = objectiveValue(problem.objective, report);
    if ((best === null || value < best.value) && fits(plan)) best = { value, plan };
  }
  return best;
}

/** COINFER's released program looks at each stretch on a device by itself. */
function forgets({ problem, roomy }: Instance, family: readonly Plan[]): boolean {
  const capacity = new Map(problem.cluster.devices.map(({ id, memoryBytes }) => [id, memoryBytes]));
  const fitsAlone = (stage: Stage): boolean =>
    deviceMemory(roomy, { stages: [stage] }, stage.device).memoryBytes <= (capacity.get(stage.device) ?? 0);
  const best = bestOf(roomy, family, (plan) =>
    planWays(roomy, plan).ways.every(({ stages }) => stages.every(fitsAlone)),
  );
  return best !== null && overflows(problem, best.plan);
}

function proportionalStages(problem: Problem): Stage[] {
  const devices = [...problem.cluster.devices].sort((left, right) => right.memoryBytes - left.memoryBytes);
  return proportionalSplit(
    problem.graph,
    devices.map(({ id, memoryBytes }) => ({ device: id, weight: memoryBytes })),
  );
}

function overflows(problem: Problem, plan: Plan): boolean {
  const report: Report = createEvaluator(problem).evaluate(plan);
  return report.devices.some(({ device, memoryBytes }) => {
    const row = problem.cluster.devices.find(({ id }) => id === device);
    return row !== undefined && memoryBytes > row.memoryBytes;
  });
}
