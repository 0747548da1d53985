import { createModelBuilder, type ElementType, graphOf, type ModelBuilder } from '@tandem/core';
import { type Claim, defineClaim, exactly, type Figure } from '../claim.ts';
import { papers } from '../papers.ts';

const row = (paper: number, where: string): Figure => ({ unit: 'FLOPs', paper, tolerance: exactly, where });

export const m1: Claim = defineClaim({
  claim: 'Table I: the operations of six kinds of layers as formulas of their sizes.',
  paper: papers.mu,
  standIn:
    'None: Tandem counts one layer of each kind, at the sizes of AlexNet’s second stage; the formulas’ values were worked out by hand.',
  figures: {
    'convolution, 64 × 27 × 27 to 192 channels, 5 × 5': row(
      2 * 27 * 27 * (64 * 5 * 5 + 1) * 192,
      'Table I: 2·Ho·Wo·(Ci·K² + 1)·Co',
    ),
    'rectifier, 192 × 27 × 27': row(192 * 27 * 27, 'Table I: Hi·Wi·Ci'),
    'maximum pooling, 192 × 27 × 27 to 13 × 13, 3 × 3': row(3 * 3 * 13 * 13 * 192, 'Table I: K²·Ho·Wo·Ci'),
    'average pooling, 192 × 27 × 27 to 13 × 13, 3 × 3': row(192 * 27 * 27, 'Table I: Hi·Wi·Ci'),
    'dropout, 192 × 27 × 27': row(192 * 27 * 27, 'Table I: Hi·Wi·Ci'),
    'fully connected, 9216 to 4096': row((2 * 9216 - 1) * 4096, 'Table I: (2·Ci − 1)·Co'),
  },
  remarks: [
    'The print does not tell whether the sizes of maximum pooling are those of its input or its output; operations happen for each output, so it is taken as the output’s.',
    'Tables II and III are inputs of M7 to M9 and not claims.',
  ],
  run: async () => ({
    'convolution, 64 × 27 × 27 to 192 channels, 5 × 5': flopsOf([1, 64, 27, 27], (builder, x) =>
      builder.node('Conv', [x, weight(builder, 'w', [192, 64, 5, 5]), weight(builder, 'b', [192])], {
        pads: [2, 2, 2, 2],
      }),
    ),
    'rectifier, 192 × 27 × 27': flopsOf(map, (builder, x) => builder.node('Relu', [x])),
    'maximum pooling, 192 × 27 × 27 to 13 × 13, 3 × 3': flopsOf(map, (builder, x) =>
      builder.node('MaxPool', [x], pooling),
    ),
    'average pooling, 192 × 27 × 27 to 13 × 13, 3 × 3': flopsOf(map, (builder, x) =>
      builder.node('AveragePool', [x], pooling),
    ),
    'dropout, 192 × 27 × 27': flopsOf(map, (builder, x) => builder.node('Dropout', [x])),
    'fully connected, 9216 to 4096': flopsOf([1, 9216], (builder, x) =>
      builder.node('Gemm', [x, weight(builder, 'w', [4096, 9216]), weight(builder, 'b', [4096])], {
        transB: 1,
      }),
    ),
  }),
});

const map = [1, 192, 27, 27] as const;
const pooling = { kernel_shape: [3, 3], strides: [2, 2] } as const;
const type: ElementType = 'float32';

/** Operations of the one layer that `add` puts behind an input of `shape`, by Table I's rules. */
function flopsOf(shape: readonly number[], add: (builder: ModelBuilder, x: string) => string): number {
  const builder = createModelBuilder({ name: 'one layer' });
  builder.output(add(builder, builder.input('x', type, shape)), type, ['N']);
  const graph = graphOf(builder.build(), { flopRules: 'tableI' });
  return graph.nodes.reduce((sum, { flops }) => sum + flops, 0);
}

/** Only its shape matters. */
function weight(builder: ModelBuilder, name: string, dims: readonly number[]): string {
  const length = dims.reduce((product, size) => product * size, 4);
  const source = { size: length, read: (_offset: number, count: number) => new Uint8Array(count) };
  return builder.initializer(name, type, dims, { source, offset: 0, length });
}
