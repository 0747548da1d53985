import {
  type Codec,
  codecName,
  type ElementType,
  elementBits,
  encodedActivationBytes,
  isBare,
  ProtocolError,
} from '@tandem/core';
import { tensorByteLength } from '../execute/tensor-bytes.ts';
import { wireLimits } from './protocol.ts';

/** Bytes of a tensor's body. Throws ProtocolError for types and sizes that cannot travel. */
export function tensorBodyBytes(tensor: string, type: ElementType, shape: readonly number[]): number {
  const length = tensorByteLength(type, shape);
  if (elementBits[type] > 0 && length <= wireLimits.bodyBytes) return length;
  throw new ProtocolError(
    `tensor ${tensor} is ${type}[${shape.join(', ')}], expected numbers of at most ${wireLimits.bodyBytes} bytes`,
    'Cut the model at another tensor.',
  );
}

/** Bytes of the body that a tensor comes in, coded as it says; at most, where it was compressed. Throws ProtocolError as `tensorBodyBytes`. */
export function codedBodyBytes({ tensor, type, shape, codec }: CodedBody): number {
  const length = tensorBodyBytes(tensor, type, shape);
  if (isBare(codec)) return length;
  const isCodable = type === 'float32' && (codec.kind !== 'affine' || !codec.perChannel || shape.length > 1);
  if (isCodable) return encodedActivationBytes(shape, codec);
  throw new ProtocolError(
    `tensor ${tensor} is ${type}[${shape.join(', ')}] as ${codecName(codec)}, which carries only float32, and channels only where there are any`,
    'Plan again: codecs are for float32 tensors.',
  );
}

interface CodedBody extends TensorForm {
  readonly tensor: string;
  readonly codec: Codec;
}

interface TensorForm {
  readonly type: ElementType;
  readonly shape: readonly number[];
}

/** What is wrong with a tensor that should have the declared type and shape, or null. */
export function tensorFault(
  declared: TensorForm & { readonly name: string },
  given: TensorForm & { readonly data?: Uint8Array },
): string | null {
  if (!isOfForm(given, declared))
    return `tensor ${declared.name} as ${nameOf(given)}, expected ${nameOf(declared)}`;
  const length = tensorByteLength(declared.type, declared.shape);
  if (given.data === undefined || given.data.length === length) return null;
  return `tensor ${declared.name} with ${given.data.length} bytes, expected ${length}`;
}

const isOfForm = ({ type, shape }: TensorForm, declared: TensorForm): boolean =>
  type === declared.type &&
  shape.length === declared.shape.length &&
  shape.every((extent, at) => extent === declared.shape[at]);

const nameOf = ({ type, shape }: TensorForm): string => `${type}[${shape.join(', ')}]`;
