import { cutOf, prefixCuts } from '../graph/cut.ts';
import type { Cut, Graph } from '../graph/graph.ts';
import { singleTensorCuts } from '../graph/single-tensor-cuts.ts';
import { planTwoStages } from './plan-two-stages.ts';
import type { Planner } from './planner.ts';
import { serverPairs, supportsServers } from './server-pairs.ts';

/**
 * Neurosurgeon (Kang et al., ASPLOS 2017): one cut between the device where the request enters and a server,
 * the best of all positions by predicted latency. O(N) scores for N positions and each server.
 *
 * Differs from the paper in that a position is scored by the cost model's schedule and not by the sum device + link + server:
 * the two are the same for single-tensor cuts when the answer is wanted where the request entered. They differ where a raw
 * input crosses beside other tensors (it travels while the device computes) and where the answer must return; there the sum
 * would be a surrogate, and the claim would not be what the plan costs. Positions that break a constraint are passed over.
 */
function neurosurgeon(name: string, positions: (graph: Graph) => readonly Cut[]): Planner {
  return {
    name,
    paper: 'Neurosurgeon: Kang et al., ASPLOS 2017',
    supports: supportsServers,
    plan: (problem, context) =>
      planTwoStages(name, problem, context, positions(problem.graph), serverPairs(problem)),
  };
}

/** Cuts that a single tensor crosses, and none or all of the graph before the cut. */
export const neurosurgeonChain: Planner = neurosurgeon('neurosurgeon-chain', chainPositions);

/** Every position of the graph's topological order, with all tensors that are live there (DADS's baseline, INFOCOM 2019). */
export const neurosurgeonTopological: Planner = neurosurgeon('neurosurgeon-topo', prefixCuts);

function chainPositions(graph: Graph): readonly Cut[] {
  return [cutOf(graph, []), ...singleTensorCuts(graph), cutOf(graph, [...graph.nodes.keys()])];
}
