import { type Graph, graphOf, InvalidInputError, singleTensorCuts, zooModel } from '@tandem/core';
import { type Claim, defineClaim, exactly, roundedTo } from '../claim.ts';
import { papers } from '../papers.ts';

const figure4a = 'section III-B and Fig. 4(a)';

export const u4: Claim = defineClaim({
  claim:
    'The output of MobileNetV2’s layer ex_conv_6 is 8 times smaller than the input; of InceptionV4’s layers, only the last four yield less than the input.',
  paper: papers.ng,
  standIn:
    'Shapes of the same topologies with seeded weights, MobileNetV2 at 224 × 224 and InceptionV4 at 299 × 299; what they are does not depend on the weights.',
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
    'InceptionV4: blocks that yield less than the input': {
      unit: 'blocks',
      paper: 4,
      tolerance: exactly,
      where: 'section III-B and Fig. 4(b)',
    },
  },
  remarks: [
    'The paper does not say how it counts. In the reference implementation expanded_conv_6 is the first block of 64 channels; the factor of 8 belongs to the blocks of 96 channels.',
    'InceptionV4’s four are Reduction-B and the Inception-C blocks; pooling and classifier behind them are smaller still and not counted; with them it would be more than four.',
    'All are counted in elements, so input and activations have the same width.',
  ],
  run: async () => {
    const graph = graphOf(zooModel('mobilenet-v2', { batch: 1 }));
    return {
      'input / first block of 96 channels': shrinkage(graph, 'stage5/block0'),
      'input / block expanded_conv_6, 64 channels': shrinkage(graph, 'stage4/block0'),
      'InceptionV4: blocks that yield less than the input': smallerMaps(
        graphOf(zooModel('inception-v4', { batch: 1 })),
      ),
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

/** Feature maps [N, C, H, W] with H > 1 and fewer bytes than the input, among the tensors that alone join two parts of the graph. */
function smallerMaps(graph: Graph): number {
  const input = graph.tensors[graph.inputs[0] ?? -1]?.bytes ?? Number.NaN;
  const maps = singleTensorCuts(graph).map(({ boundary }) => graph.tensors[boundary[0] ?? -1]);
  return maps.filter((map) => (map?.shape[2] ?? 1) > 1 && (map?.bytes ?? input) < input).length;
}
