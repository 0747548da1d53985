import { type Graph, graphOf, InvalidInputError, zooModel } from '@tandem/core';
import { type Claim, defineClaim, roundedTo } from '../claim.ts';
import { papers } from '../papers.ts';

const figure4a = 'section III-B and Fig. 4(a)';

export const u4: Claim = defineClaim({
  claim: 'The output of MobileNetV2’s layer ex_conv_6 is 8 times smaller than the input.',
  paper: papers.ng,
  standIn:
    'Shapes of the same topology with seeded weights, at 224 × 224; what they are does not depend on the weights.',
  figures: {
    'input / first block of 96 channels': {
      unit: '×',
      paper: 8,
      tolerance: roundedTo(0),
      where: figure4a,
    },
    'input / block expanded_conv_6, 64 channels': {
      unit: '×',
      paper: 8,
      tolerance: roundedTo(0),
      where: figure4a,
    },
  },
  remarks: [
    'The paper does not say how it counts. In the reference implementation expanded_conv_6 is the first block of 64 channels; the factor of 8 belongs to the blocks of 96 channels.',
    'Both are counted in elements, so input and activations have the same width.',
  ],
  run: async () => {
    const graph = graphOf(zooModel('mobilenet-v2', { batch: 1 }));
    return {
      'input / first block of 96 channels': shrinkage(graph, 'stage5/block0'),
      'input / block expanded_conv_6, 64 channels': shrinkage(graph, 'stage4/block0'),
    };
  },
});

/** Bytes of the graph's input over bytes of what the block yields. */
function shrinkage(graph: Graph, block: string): number {
  const last = graph.nodes.findLast(({ name }) => name.startsWith(`${block}/`));
  const [input, output] = [graph.inputs[0], last?.outputs[0]].map((id) => graph.tensors[id ?? -1]?.bytes);
  if (input !== undefined && output !== undefined) return input / output;
  throw new InvalidInputError(`'${graph.name}' has no '${block}'`, 'Name a block of the network.');
}
