import { createModelBuilder, type ElementType, graphOf, type ModelBuilder } from '@tandem/core';
import { type Claim, defineClaim, exactly, type Figure } from '../claim.ts';
import { papers } from '../papers.ts';
import { machines, teslaP100, uplinks } from '../wireless-partition.ts';

const row = (paper: number, where: string): Figure => ({ unit: 'FLOPs', paper, tolerance: exactly, where });
const rate = (paper: number): Figure => ({ unit: 'GFLOPS', paper, tolerance: exactly, where: 'Table II' });
const uplink = (paper: number): Figure => ({ unit: 'Mbps', paper, tolerance: exactly, where: 'Table III' });

export const m1: Claim = defineClaim({
  claim:
    'Tables I to III: the operations of six kinds of layers as formulas of their sizes, the rates of four machines and of four uplinks.',
  paper: papers.mu,
  standIn:
    'None: Tandem counts one layer of each kind, at the sizes of AlexNet’s second stage; the formulas’ values were worked out by hand. Rates are those of the catalogue, which M7 to M9 use.',
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
    'Raspberry Pi 3B+': rate(0.2),
    'Raspberry Pi 4B': rate(3),
    'NVIDIA Jetson TK1': rate(326.4),
    'NVIDIA Tesla P100': rate(10_600),
    '3G': uplink(1.19),
    '4G': uplink(11.22),
    '5G': uplink(52.24),
    WiFi: uplink(54.19),
  },
  remarks: [
    'The print does not tell whether the sizes of maximum pooling are those of its input or its output; operations happen for each output, so it is taken as the output’s.',
    'Tables II and III are inputs of M7 to M9: that they agree says that the catalogue hands on what was printed.',
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
    'Raspberry Pi 3B+': machines['raspberry-pi-3b+'] / 1e9,
    'Raspberry Pi 4B': machines['raspberry-pi-4b'] / 1e9,
    'NVIDIA Jetson TK1': machines['jetson-tk1'] / 1e9,
    'NVIDIA Tesla P100': teslaP100 / 1e9,
    ...uplinks,
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
