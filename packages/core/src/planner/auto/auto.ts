import { hasFewCuts } from '../../graph/all-cuts.ts';
import { elements } from '../../graph/elements.ts';
import type { Problem } from '../../plan/problem.ts';
import { seconds } from '../../units.ts';
import { allLocal } from '../all-local.ts';
import { allServer } from '../all-server.ts';
import { ask, type PlannerOutcome } from '../ask.ts';
import { objectiveBounds } from '../bounds/objective-bound.ts';
import { coinfer } from '../coinfer/coinfer.ts';
import { contendersOf } from '../contenders.ts';
import { dadsLight } from '../dads/dads.ts';
import { exhaustive } from '../exhaustive.ts';
import { explainedPlan } from '../explained-plan.ts';
import { neurosurgeonChain, neurosurgeonTopological } from '../neurosurgeon.ts';
import { figuresOf, supportsObjective } from '../objective-support.ts';
import { createPacer } from '../pacer.ts';
import type { Planner } from '../planner.ts';
import { runnerUpOf } from '../runner-up.ts';
import { throughputOptimal } from '../throughput-optimal.ts';
import { everyPlacement } from './every-placement.ts';

/**
 * What the whole may take on one core of 2020, in microseconds by the estimates below: work is counted and not timed, so that the same
 * problem gets the same plan on any machine.
 */
const budget = 150_000;

/** A planner with what it takes, in microseconds, roughly. */
interface Entrant {
  readonly planner: Planner;
  readonly microseconds: number;
}

/**
 * The planner for who does not want to choose one: looks at what is asked and at the graph, asks the planners that treat such problems best as
 * long as they fit the budget, and answers with the best plan that any of them has, be it not to split; where none has one, all cuts and all
 * placements are tried as far as these are few. `bound` holds for all plans that send tensors as they are and run every request alike and
 * to its end (no mix, no early exit), whoever makes them; `chainBound` for those of them that run every element on one device.
 */
export const auto: Planner = {
  name: 'auto',
  paper: 'the best of several',
  supports: (problem) => supportsObjective(problem, [problem.workload.source, problem.workload.sink]),
  plan: async (problem, context) => {
    const started = context.clock.now();
    const pacer = createPacer(context);
    await pacer();
    const outcomes: PlannerOutcome[] = [];
    for (const planner of chosen(problem)) {
      await pacer();
      outcomes.push(await ask(planner, problem, context));
    }
    for (const planner of lastResorts(problem)) {
      if (contendersOf(problem, outcomes).length > 0) break;
      if (outcomes.some(({ name }) => name === planner.name)) continue;
      await pacer();
      outcomes.push(await ask(planner, problem, context));
    }
    await pacer();
    const spent = {
      evaluations: outcomes.reduce(
        (sum, { result }) => sum + (result.kind === 'unsupported' ? 0 : result.evaluations),
        0,
      ),
      planningSeconds: seconds(Math.max(0, context.clock.now() - started)),
    };
    const contenders = contendersOf(problem, outcomes);
    const best = contenders[0];
    if (best === undefined) return { kind: 'infeasible', reason: reasonOf(outcomes), ...spent };
    const bounds = await objectiveBounds(problem, best.report, pacer);
    return {
      kind: 'plan',
      plan: explainedPlan(
        problem,
        { ...best.planned.plan, planner: 'auto' },
        best.report,
        runnerUpOf(problem, best, contenders),
      ),
      ...bounds,
      ...spent,
    };
  },
};

/** Whom to ask: nobody's plan, then the cheapest searches first as long as there is budget. */
function chosen(problem: Problem): readonly Planner[] {
  let left = budget;
  const planners: Planner[] = [allLocal, allServer];
  for (const { planner, microseconds } of entrants(problem)) {
    if (microseconds > left) continue;
    left -= microseconds;
    planners.push(planner);
  }
  return planners;
}

/** The most promising first. */
function entrants(problem: Problem): readonly Entrant[] {
  const { graph, cluster, objective } = problem;
  const pairs = cluster.devices.length - 1;
  if (pairs === 0) return [];
  const nodes = graph.nodes.length;
  const streams = figuresOf(objective).some(
    (figure) => figure === 'periodSeconds' || figure === 'makespanSeconds',
  );
  const sums = { planner: coinfer, microseconds: 20_000 + 40 * nodes };
  const runs = {
    planner: throughputOptimal,
    microseconds: 2 ** Math.min(20, cluster.devices.length) * 200 + 40 * nodes,
  };
  const chain = elements(graph);
  const isChain = chain.every(({ branches, opaque }) => branches.length === 0 && !opaque);
  const few = hasFewCuts(graph, fewCuts)
    ? [{ planner: exhaustive, microseconds: fewCuts * pairs * pairs * 40 }]
    : [];
  const branched = isChain ? [] : [{ planner: dadsLight, microseconds: nodes * pairs * 60 }];
  return [
    ...(streams ? [runs] : []),
    sums,
    { planner: neurosurgeonChain, microseconds: chain.length * pairs * 60 },
    ...few,
    ...branched,
    { planner: neurosurgeonTopological, microseconds: nodes * pairs * 60 },
  ];
}

const fewCuts = 64;

/** Asked where nobody has a feasible plan: complete searches of families that are small. */
function lastResorts({ graph, cluster }: Problem): readonly Planner[] {
  if (cluster.devices.length < 2) return [];
  const pairs = cluster.devices.length * (cluster.devices.length - 1);
  return hasFewCuts(graph, Math.floor(mostCandidates / pairs))
    ? [exhaustive, everyPlacement]
    : [everyPlacement];
}

/** Cuts × pairs of devices: about a tenth of a second. */
const mostCandidates = 2 ** 13;

function reasonOf(outcomes: readonly PlannerOutcome[]): string {
  const reasons = outcomes.flatMap(({ name, result }) =>
    result.kind === 'infeasible' ? [`${name}: ${result.reason}`] : [],
  );
  return `Nobody asked has a feasible plan:\n${reasons.map((reason) => `  ${reason}`).join('\n')}`;
}
