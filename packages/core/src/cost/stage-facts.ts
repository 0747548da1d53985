import type { Graph, NodeId, ParameterId, TensorId } from '../graph/graph.ts';
import { stageActivation } from '../graph/stage-activation.ts';
import { stageBoundary } from '../graph/stage-boundary.ts';
import { beyondParameters, rewrittenWeights } from './rewritten-bytes.ts';

/** What a set of nodes needs and exchanges when it runs as one stage, on any device. */
export interface StageFacts {
  readonly inputs: readonly TensorId[];
  readonly outputs: readonly TensorId[];
  /** Whether it reads nothing but what enters the graph. */
  readonly startsGraph: boolean;
  /** Of all that it receives or gives away. */
  readonly boundaryBytes: number;
  /** `stageActivation`. */
  readonly activationBytes: number;
  /** Distinct. */
  readonly parameters: readonly ParameterId[];
  readonly parameterBytes: number;
  readonly rewrittenBytes: number;
}

/** Throws InvalidInputError on an unknown node. */
export function stageFacts(graph: Graph, nodes: readonly NodeId[]): StageFacts {
  const boundary = stageBoundary(graph, nodes);
  const { inputs, outputs } = boundary;
  const parameters = parametersOf(graph, nodes);
  const parameterBytes = parameters.reduce((sum, id) => sum + (graph.parameters[id]?.bytes ?? 0), 0);
  const sizeOf = (tensor: TensorId): number => graph.tensors[tensor]?.bytes ?? 0;
  return {
    inputs,
    outputs,
    startsGraph: inputs.every((tensor) => graph.tensors[tensor]?.producer === 'input'),
    boundaryBytes: [...inputs, ...outputs].reduce((sum, tensor) => sum + sizeOf(tensor), 0),
    activationBytes: stageActivation(graph, nodes, boundary),
    parameters,
    parameterBytes,
    rewrittenBytes: beyondParameters(rewrittenWeights(graph, nodes), parameterBytes),
  };
}

/** Each once, as the nodes first read them. */
function parametersOf(graph: Graph, nodes: readonly NodeId[]): ParameterId[] {
  const isKnown = new Uint8Array(graph.parameters.length);
  const parameters: ParameterId[] = [];
  for (const node of nodes)
    for (const id of graph.nodes[node]?.parameters ?? []) {
      if (isKnown[id] !== 1) parameters.push(id);
      isKnown[id] = 1;
    }
  return parameters;
}
