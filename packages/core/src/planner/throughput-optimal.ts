import { objectiveFigure } from '../cost/objective-value.ts';
import type { Problem } from '../plan/problem.ts';
import { type ChainProblem, canAssignChain } from '../search/chain/chain-problem.ts';
import { seconds } from '../units.ts';
import type { ChainCosts } from './chain/chain-costs.ts';
import { deviceKinds } from './chain/device-kinds.ts';
import { chainOfRuns, fastestRuns, fastestRunsOn } from './chain/fastest-runs.ts';
import { createPacer, type Pacer } from './pacer.ts';
import { planPlacement } from './plan-placement.ts';
import type { Planner, PlannerContext, PlanResult } from './planner.ts';
import { supportsServers } from './server-pairs.ts';

/** Ways to leave all but one device out of hosts whose devices do not fit together. */
const mostChoices = 32;

/**
 * The shortest period of all ways to cut the chain of elements into runs on different devices, in any order, with memory and links as
 * `evaluate` counts them: exact, by `assignChain`; a device runs at most one run. Devices on one host share its memory, which the search does not see:
 * where that overflows, one device of each such host is kept. Other constraints, like objectives other than the period, are not looked at.
 * The bound is the period's, and given where the objective is the period.
 */
export const throughputOptimal: Planner = {
  name: 'throughput-optimal',
  paper: 'PipeEdge: Hu et al., 2022',
  supports: (problem) => {
    if (canAssignChain(sizeOf(problem))) return supportsServers(problem);
    const reason = `The cluster '${problem.cluster.name}' has more unequal devices than can be searched exactly.`;
    return { yes: false, reason };
  },
  plan: async (problem, context) => {
    const started = context.clock.now();
    const evaluated = context.evaluator.evaluations;
    const pacer = createPacer(context);
    await pacer();
    const costs = chainOfRuns(problem);
    const result = await planned(costs, context, pacer);
    return {
      ...result,
      evaluations: Math.max(1, context.evaluator.evaluations - evaluated),
      planningSeconds: seconds(Math.max(0, context.clock.now() - started)),
    };
  },
};

function sizeOf(problem: Problem): Pick<ChainProblem, 'units' | 'counts'> {
  const costs = chainOfRuns(problem);
  const kinds = deviceKinds(costs, [...costs.devices.keys()]);
  return { units: costs.units.length, counts: kinds.map(({ length }) => length) };
}

async function planned(costs: ChainCosts, context: PlannerContext, pacer: Pacer): Promise<PlanResult> {
  const { problem } = costs;
  const all = await fastestRuns(costs, pacer);
  if (all === null)
    return infeasible(`No cut of the chain of ${costs.units.length} units fits the devices and links.`);
  const figure = objectiveFigure(problem.objective);
  const bound = figure === 'periodSeconds' ? { bound: { figure, value: all.value } } : {};
  const first = await planPlacement('throughput-optimal', problem, context, all.stages);
  if (first.kind === 'plan') return { ...first, ...bound };
  let best: Extract<PlanResult, { kind: 'plan' }> | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const devices of oneOfEachHost(problem)) {
    const runs = await fastestRunsOn(costs, devices, pacer);
    if (runs === null || runs.value >= least) continue;
    const result = await planPlacement('throughput-optimal', problem, context, runs.stages);
    if (result.kind !== 'plan') continue;
    best = result;
    least = runs.value;
  }
  return best === null ? first : { ...best, ...bound };
}

function infeasible(reason: string): PlanResult {
  return { kind: 'infeasible', reason, evaluations: 0, planningSeconds: seconds(0) };
}

/** Sets of devices with one of each host, where a host has several. */
function* oneOfEachHost({ cluster }: Problem): Generator<readonly number[]> {
  const hosts = new Map<string, number[]>();
  for (const [device, { host }] of cluster.devices.entries())
    hosts.set(host, [...(hosts.get(host) ?? []), device]);
  const groups = [...hosts.values()];
  const choices = groups.reduce((product, { length }) => product * length, 1);
  if (choices === 1) return;
  for (let choice = 0; choice < Math.min(choices, mostChoices); choice++) {
    let rest = choice;
    yield groups.map((group) => {
      const device = group[rest % group.length] ?? -1;
      rest = Math.floor(rest / group.length);
      return device;
    });
  }
}
