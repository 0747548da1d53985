import {
  createRandom,
  extractNodes,
  type Graph,
  graphOf,
  type ModelProto,
  type NodeId,
  nodeRanges,
} from '@tandem/core';
import { type LittleModel, modelOf, titleOf } from './little-model.ts';
import { networkKernels } from './network-kernels.ts';
import { networkSegments } from './network-segments.ts';
import type { Network } from './networks.ts';
import { sampledBlocks } from './sampled-blocks.ts';
import { sampledKernels } from './sampled-kernels.ts';

/** One thing that is timed. */
export interface Subject {
  readonly name: string;
  readonly kind: 'kernel' | 'block' | 'segment';
  /** Families of networks that it comes from: none for what was drawn. */
  readonly families: readonly string[];
  /** Of a segment. */
  readonly network: string | null;
  readonly graph: Graph;
  /** The nodes of `graph` that run. */
  readonly nodes: readonly NodeId[];
  readonly model: () => ModelProto;
}

export interface SubjectOptions {
  /** Of the drawn kernels. 1 = all. */
  readonly share: number;
  /** Kernels from networks, blocks and segments of a network at most. */
  readonly networkKernels: number;
  readonly blocks: number;
  readonly segments: number;
}

const seed = 8;

/** Everything that is timed, each once, in a fixed order; `networks` have their weights in files. */
export function subjectsOf(networks: readonly Network[], options: SubjectOptions): Subject[] {
  const random = createRandom(seed);
  const subjects = new Map<string, Subject>();
  const add = (subject: Subject): void => void subjects.set(subject.name, subject);
  const found = networkKernels(networks).map((each) => ({ ...each, rank: random.next() }));
  found.sort((left, right) => left.rank - right.rank);
  for (const { little, families } of found.slice(0, options.networkKernels))
    add(littleSubject('kernel', little, [...families]));
  for (const little of sampledKernels(random.split('kernels'), options.share)) {
    if (!subjects.has(`kernel ${titleOf(little)}`)) add(littleSubject('kernel', little, []));
  }
  for (const little of sampledBlocks(random.split('blocks'), options.blocks))
    add(littleSubject('block', little, []));
  for (const network of networks) {
    for (const { nodes } of networkSegments(network, options.segments, random.split(network.name)))
      add(segmentSubject(network, nodes));
  }
  return [...subjects.values()];
}

function littleSubject(kind: 'kernel' | 'block', little: LittleModel, families: readonly string[]): Subject {
  const graph = graphOf(modelOf(little));
  return {
    name: `${kind} ${titleOf(little)}`,
    kind,
    families,
    network: null,
    graph,
    nodes: graph.nodes.map(({ id }) => id),
    model: () => modelOf(little),
  };
}

function segmentSubject({ name, family, model, graph }: Network, nodes: readonly NodeId[]): Subject {
  return {
    name: `segment ${name} ${nodeRanges(nodes)}`,
    kind: 'segment',
    families: [family],
    network: name,
    graph,
    nodes,
    model: () =>
      extractNodes(model, {
        nodes: nodes.flatMap((id) => graph.nodes[id]?.source ?? []),
        typeOf: (tensor) => {
          const found = graph.tensors.find((candidate) => candidate.name === tensor);
          return found === undefined ? null : { kind: 'tensor', elementType: found.type, shape: found.shape };
        },
      }),
  };
}
