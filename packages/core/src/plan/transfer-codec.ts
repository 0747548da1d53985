import { encodedActivationBytes } from '../codec/activation-layout.ts';
import { type Codec, codecName, isBare } from '../codec/codec.ts';
import type { Tensor } from '../graph/graph.ts';
import { type Bytes, bytes } from '../units.ts';

/** How a tensor travels: as an activation's codec says, or as a compressed picture. */
export type TransferCodec = Codec | PictureCodec;

/** A lossy picture format such as JPEG, whose size depends on the picture: stated as a mean and not known beforehand. */
export interface PictureCodec {
  readonly kind: 'picture';
  /** Bits sent for each element of the tensor, above 0. */
  readonly bitsPerElement: number;
}

/** A short name, different for different codecs. */
export function transferCodecName(codec: TransferCodec): string {
  return codec.kind === 'picture' ? `picture${codec.bitsPerElement}` : codecName(codec);
}

/** What crosses the link for one tensor. A raw tensor is its own bytes, and what a lossless stage may save is not counted on; frame headers are in `perMessageSeconds`. */
export function transferBytes(tensor: Pick<Tensor, 'shape' | 'bytes'>, codec: TransferCodec): Bytes {
  if (isBare(codec)) return tensor.bytes;
  if (codec.kind !== 'picture') return bytes(encodedActivationBytes(tensor.shape, codec));
  const elements = tensor.shape.reduce((product, size) => product * size, 1);
  return bytes(Math.ceil((elements * codec.bitsPerElement) / 8));
}

/** Why the codec cannot carry the tensor; null = it can. Codecs are for float32 alone, pictures for what enters the graph. */
export function codecFault(tensor: Tensor, codec: TransferCodec): string | null {
  if (isBare(codec)) return null;
  const what = `Codec '${transferCodecName(codec)}' cannot carry tensor ${tensor.id} ('${tensor.name}')`;
  if (tensor.type !== 'float32') return `${what} of type ${tensor.type}, only float32.`;
  if (codec.kind === 'picture' && tensor.producer !== 'input') return `${what}, which is no graph input.`;
  if (codec.kind === 'affine' && codec.perChannel && tensor.shape.length < 2)
    return `${what} channel by channel: its shape [${tensor.shape.join(', ')}] has no channels.`;
  return null;
}
