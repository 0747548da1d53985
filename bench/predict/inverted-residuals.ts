import type { LayerStack } from './layer-stack.ts';

/** Kernel, hidden channels, output channels, stride, channels of squeeze-and-excitation (0 = none). */
export type InvertedResidual = readonly [number, number, number, number, number];

/** MBConv: Sandler et al. 2018, fig. 4, with the excitation of Howard et al. 2019; no expansion where it would change nothing. */
export function invertedResiduals(stack: LayerStack, blocks: readonly InvertedResidual[]): void {
  for (const [kernel, hidden, out, stride, reduced] of blocks) {
    const [channels] = stack.shape;
    if (hidden !== channels) stack.convolution(hidden, 1);
    stack.depthwise(kernel, stride);
    if (reduced > 0) stack.excite(reduced);
    stack.convolution(out, 1);
    if (stride === 1 && channels === out) stack.sum();
  }
}

/** Expansion, kernel, stride of the first, output channels, number of blocks, excitation as a part of the block's input: a row of the papers' tables. */
export type Stage = readonly [number, number, number, number, number, number];

/** Rows of a table as single blocks, for a first block that reads `channels`. */
export function stages(channels: number, rows: readonly Stage[]): InvertedResidual[] {
  let input = channels;
  return rows.flatMap(([expansion, kernel, firstStride, out, count, excitation]) =>
    Array.from({ length: count }, (_, index): InvertedResidual => {
      const block = [
        kernel,
        input * expansion,
        out,
        index === 0 ? firstStride : 1,
        Math.round(input * excitation),
      ] as const;
      input = out;
      return block;
    }),
  );
}
