import type { Graph, NodeId, ParameterId, TensorId } from '../graph/graph.ts';
import { peakActivation } from '../graph/peak-activation.ts';
import { stageBoundary } from '../graph/stage-boundary.ts';
import { rewrittenBytes } from './rewritten-bytes.ts';

/** What a set of nodes needs and exchanges when it runs as one stage, on any device. */
export interface StageFacts {
  readonly inputs: readonly TensorId[];
  readonly outputs: readonly TensorId[];
  /** Whether it reads nothing but what enters the graph. */
  readonly startsGraph: boolean;
  /** Of all that it receives or gives away. */
  readonly boundaryBytes: number;
  readonly peakBytes: number;
  /** Distinct. */
  readonly parameters: readonly ParameterId[];
  readonly parameterBytes: number;
  readonly rewrittenBytes: number;
}

/** Throws InvalidInputError on an unknown node. */
export function stageFacts(graph: Graph, nodes: readonly NodeId[]): StageFacts {
  const boundary = stageBoundary(graph, nodes);
  const { inputs, outputs } = boundary;
  const parameters = [...new Set(nodes.flatMap((id) => graph.nodes[id]?.parameters ?? []))];
  const sizeOf = (tensor: TensorId): number => graph.tensors[tensor]?.bytes ?? 0;
  return {
    inputs,
    outputs,
    startsGraph: inputs.every((tensor) => graph.tensors[tensor]?.producer === 'input'),
    boundaryBytes: [...inputs, ...outputs].reduce((sum, tensor) => sum + sizeOf(tensor), 0),
    peakBytes: peakActivation(graph, nodes, boundary),
    parameters,
    parameterBytes: parameters.reduce((sum, id) => sum + (graph.parameters[id]?.bytes ?? 0), 0),
    rewrittenBytes: rewrittenBytes(graph, nodes),
  };
}
