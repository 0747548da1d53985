import {
  allCuts,
  type Cut,
  type Plan,
  type Problem,
  partAtExits,
  partForOverlap,
  planOf,
  type Stage,
  type Tensor,
  type TransferCodec,
  transferBytes,
} from '@tandem/core';
import { cutsToServers, type Family, onOneServer, thinCuts } from './families.ts';

const affine = (bits: 6 | 7 | 8): TransferCodec => ({ kind: 'affine', bits, perChannel: false });
export const eightBits = affine(8);

/** All on a server, to which pictures are sent as JPEG. */
export const compressedOnServer: Family = function* (problem) {
  for (const stages of onOneServer(problem))
    yield codedPlan(problem, stages, ({ producer }) =>
      producer === 'input' ? { kind: 'picture', bitsPerElement: 1.5 } : { kind: 'raw' },
    );
};

/** One tensor crosses, behind a rectifier and in 8 bits, nothing or everything; with every setting of exits and with none. */
export const rectifiedCutsAndExits: Family = function* (problem) {
  for (const stages of cutsToServers(problem, rectifiedCuts(problem))) {
    yield codedPlan(problem, stages, () => eightBits);
    for (const exits of problem.exits?.settings ?? []) {
      const parted = partAtExits(problem, stages, exits.points);
      yield { ...codedPlan(problem, parted, () => eightBits), policies: { exits } };
    }
  }
};

/** Every cut, and all that crosses it in 6, 7 or 8 bits or raw, sent as soon as it is there. */
export const cutsInAllBits: Family = function* (problem) {
  const codecs: readonly TransferCodec[] = [affine(6), affine(7), eightBits, { kind: 'raw' }];
  for (const stages of cutsToServers(problem, allCuts(problem.graph)))
    for (const codec of codecs) yield codedPlan(problem, partForOverlap(problem, stages), () => codec);
};

/** The same stages; tensors other than answers are coded where that saves bytes. */
export function codedPlan(
  problem: Problem,
  stages: readonly Stage[],
  codecOf: (tensor: Tensor) => TransferCodec,
): Plan {
  const { tensors, outputs } = problem.graph;
  return planOf(problem, '', stages, 'oracle', {
    codecOf: ({ tensor: id }) => {
      const tensor = tensors[id];
      if (tensor?.type !== 'float32' || outputs.includes(id)) return { kind: 'raw' };
      const codec = codecOf(tensor);
      return transferBytes(tensor, codec) < tensor.bytes ? codec : { kind: 'raw' };
    },
  });
}

/** None or all of the graph, or one tensor crosses that a rectifier yields, itself or through what is folded into it. */
function rectifiedCuts({ graph }: Problem): readonly Cut[] {
  return thinCuts(graph).filter(({ nodes, boundary }) => {
    if (nodes.length === 0 || nodes.length === graph.nodes.length) return true;
    const producer = graph.tensors[boundary[0] ?? -1]?.producer;
    const node = graph.nodes[typeof producer === 'number' ? producer : -1];
    const root = node?.foldedInto == null ? node : graph.nodes[node.foldedInto];
    return root?.op === 'Relu';
  });
}
