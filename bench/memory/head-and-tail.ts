import {
  type Cut,
  evaluate,
  type Graph,
  graphOf,
  type ModelProto,
  type Plan,
  type Problem,
  parameterBytesOf,
  parseCluster,
  planOf,
  problemDigest,
  problemOf,
  type Report,
  singleTensorCuts,
  zooModel,
} from '@tandem/core';
import { createSha256 } from '@tandem/node';

export interface TwoStages {
  readonly model: ModelProto;
  readonly problem: Problem;
  readonly plan: Plan;
  readonly report: Report;
}

/** A network of the zoo in two stages on devices with so much memory; times mean nothing. */
export function headAndTail(
  network: string,
  headShare: number,
  memoryBytes: Readonly<Record<'head' | 'tail', number>> = { head: 2 ** 36, tail: 2 ** 36 },
): TwoStages {
  const model = zooModel(network);
  const graph = graphOf(model, { batch: 1 });
  const problem = problemOf(graph, pair(memoryBytes));
  const { nodes } = cutNear(graph, headShare);
  const head = new Set(nodes);
  const tail = graph.nodes.flatMap(({ id }) => (head.has(id) ? [] : [id]));
  const stages = [
    { device: 'head', nodes },
    { device: 'tail', nodes: tail },
  ];
  const plan = planOf(problem, problemDigest(problem, createSha256), stages, 'single-tensor-cut');
  return { model, problem, plan, report: evaluate(problem, plan) };
}

/** The single-tensor cut whose head's share of the parameters is closest to `headShare`; the first of equals. */
export function cutNear(graph: Graph, headShare: number): Cut {
  const all = parameterBytesOf(
    graph,
    graph.nodes.map(({ id }) => id),
  );
  const distance = ({ nodes }: Cut): number => Math.abs(parameterBytesOf(graph, nodes) / all - headShare);
  return singleTensorCuts(graph).reduce((best, cut) => (distance(cut) < distance(best) ? cut : best));
}

function pair(memoryBytes: Readonly<Record<'head' | 'tail', number>>): ReturnType<typeof parseCluster> {
  const rates = { kind: 'cpu', gigaflopsPerSecond: 60, memoryGigabytesPerSecond: 10 };
  const ids = ['head', 'tail'] as const;
  return parseCluster({
    hosts: ids.map((id) => ({ id, memoryBytes: Math.round(memoryBytes[id]) })),
    devices: ids.map((id) => ({ id, host: id, ...rates })),
    links: [{ from: 'head', to: 'tail', megabitsPerSecond: 1000 }],
    source: 'head',
    sink: 'tail',
  });
}
