import { foldedTogether } from '../graph/folded-together.ts';
import type { Graph, NodeId, TensorId } from '../graph/graph.ts';
import type { Stage } from './plan.ts';
import type { Problem } from './problem.ts';
import { stageOfNodes } from './transfers-of.ts';

/**
 * The same placement in finer stages: each ends where a tensor arises that another device or the sink waits for, and begins anew
 * where a tensor from elsewhere is first read. So tensors leave while their device goes on. Pieces of a convex stage that follow
 * each other in the graph's order are convex, and they wait for others in no order that the whole stages did not.
 */
export function partForOverlap(problem: Problem, stages: readonly Stage[]): Stage[] {
  const stageOf = stageOfNodes(problem, stages);
  const leaves = (tensor: TensorId, stage: Stage): boolean =>
    (problem.graph.tensors[tensor]?.consumers ?? []).some(
      (node) => stages[stageOf[node] ?? -1]?.device !== stage.device,
    ) ||
    (stage.device !== problem.workload.sink && problem.graph.outputs.includes(tensor));
  const comes = (tensor: TensorId, stage: Stage): boolean =>
    deviceOf(problem, stages, stageOf, tensor) !== stage.device;
  return stages.flatMap((stage) =>
    piecesOf(problem.graph, stage, leaves, comes).map((nodes) => ({ device: stage.device, nodes })),
  );
}

type Crosses = (tensor: TensorId, stage: Stage) => boolean;

function piecesOf(graph: Graph, stage: Stage, leaves: Crosses, comes: Crosses): NodeId[][] {
  const pieces: NodeId[][] = [];
  const known = new Set<TensorId>();
  let open = false;
  for (const group of foldedTogether(graph, stage.nodes)) {
    const rows = group.flatMap((id) => graph.nodes[id] ?? []);
    const reads = rows.flatMap(({ inputs }) => inputs);
    const fresh = reads.filter((tensor) => comes(tensor, stage) && !known.has(tensor));
    for (const tensor of fresh) known.add(tensor);
    if (!open || fresh.length > 0) pieces.push([]);
    pieces.at(-1)?.push(...group);
    open = !rows.some(({ outputs }) => outputs.some((tensor) => leaves(tensor, stage)));
  }
  return pieces.map((piece) => piece.sort((left, right) => left - right));
}

function deviceOf(
  { graph, workload }: Problem,
  stages: readonly Stage[],
  stageOf: Int32Array,
  tensor: TensorId,
): string | undefined {
  const producer = graph.tensors[tensor]?.producer;
  return typeof producer === 'number' ? stages[stageOf[producer] ?? -1]?.device : workload.source;
}
