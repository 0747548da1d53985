import type { GraphProto, ModelProto } from './model.ts';

/** The least model that has this graph, of which nothing else need be said; for tests. */
export function modelAround(graph: Partial<GraphProto>): ModelProto {
  return {
    irVersion: 8,
    producerName: '',
    producerVersion: '',
    domain: '',
    modelVersion: 0,
    documentation: '',
    operatorSets: [{ domain: '', version: 17 }],
    graph: {
      name: '',
      documentation: '',
      nodes: [],
      initializers: [],
      inputs: [],
      outputs: [],
      valueInfos: [],
      rest: [],
      ...graph,
    },
    metadata: [],
    rest: [],
  };
}
