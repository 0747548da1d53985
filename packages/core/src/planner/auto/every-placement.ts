import { compareByObjective } from '../../cost/objective-value.ts';
import type { Report } from '../../cost/report.ts';
import { foldGroups } from '../../graph/fold-groups.ts';
import type { NodeId } from '../../graph/graph.ts';
import type { Stage } from '../../plan/plan.ts';
import { planOf } from '../../plan/plan-of.ts';
import type { Problem } from '../../plan/problem.ts';
import { stagesOfDevices } from '../../plan/stages-of-devices.ts';
import { objections } from '../contenders.ts';
import { supportsObjective } from '../objective-support.ts';
import { createPacer, type Pacer } from '../pacer.ts';
import { planPlacement } from '../plan-placement.ts';
import type { Planner, PlannerContext } from '../planner.ts';

/** Placements that are priced at most. */
const mostPlacements = 4096;

/**
 * All placements of nodes on devices, each priced: for small problems in which nothing else fits. Not one of the planners to choose from,
 * because it is beyond any real network.
 */
export const everyPlacement: Planner = {
  name: 'every-placement',
  paper: 'baseline',
  supports: (problem) => {
    if (placementsOf(problem) <= mostPlacements)
      return supportsObjective(problem, [problem.workload.source, problem.workload.sink]);
    return { yes: false, reason: `There are more than ${mostPlacements} placements.` };
  },
  plan: async (problem, context) => {
    const stages = await bestStages(problem, context, createPacer(context));
    return await planPlacement('every-placement', problem, context, stages ?? onSource(problem));
  },
};

const placementsOf = ({ graph, cluster }: Problem): number =>
  cluster.devices.length ** foldGroups(graph).length;

const onSource = ({ graph, workload }: Problem): readonly Stage[] =>
  stagesOfDevices(graph, () => workload.source);

async function bestStages(
  problem: Problem,
  { evaluator, problemDigest }: PlannerContext,
  pacer: Pacer,
): Promise<readonly Stage[] | null> {
  let best: { readonly stages: readonly Stage[]; readonly report: Report } | null = null;
  for (let code = 0; code < placementsOf(problem); code++) {
    await pacer();
    const stages = stagesOfDevices(problem.graph, deviceOf(problem, code));
    const report = evaluator.evaluate(planOf(problem, problemDigest, stages, 'every-placement'));
    if (objections(problem.objective, report).length > 0) continue;
    if (best === null || compareByObjective(problem.objective, report, best.report) < 0)
      best = { stages, report };
  }
  return best?.stages ?? null;
}

/** Group g is on the device of digit g of the code, in a system with as many digits as devices. */
function deviceOf({ graph, cluster }: Problem, code: number): (node: NodeId) => string {
  const { devices } = cluster;
  const byNode = new Map<NodeId, string>();
  let rest = code;
  for (const { nodes } of foldGroups(graph)) {
    const device = devices[rest % devices.length]?.id ?? '';
    for (const node of nodes) byNode.set(node, device);
    rest = Math.floor(rest / devices.length);
  }
  return (node) => byNode.get(node) ?? '';
}
