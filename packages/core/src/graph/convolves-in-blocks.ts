export interface ConvolutionChannels {
  readonly channels: number;
  readonly out: number;
  readonly groups: number;
}

/** fp32 values of the widest vectors in use; narrower ones divide it. */
export const blockChannels = 16;

/** Whether ONNX Runtime's kernels for x86-64 run a convolution of maps in blocks of channels (NCHWc), by its condition on channels. */
export function convolvesInBlocks({ channels, out, groups }: ConvolutionChannels): boolean {
  if (groups === 1) return channels < blockChannels || channels % 4 === 0;
  if (groups === channels && groups === out) return channels % 4 === 0;
  return (channels / groups) % blockChannels === 0 && (out / groups) % blockChannels === 0;
}
