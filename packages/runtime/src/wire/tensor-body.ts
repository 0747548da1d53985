import { type ElementType, elementBits, ProtocolError } from '@tandem/core';
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

interface TensorForm {
  readonly type: ElementType;
  readonly shape: readonly number[];
}

/** What is wrong with a tensor that should have the declared type and shape, or null. */
export function tensorFault(
  declared: TensorForm & { readonly name: string },
  given: TensorForm & { readonly data?: Uint8Array },
): string | null {
  const expected = `${declared.type}[${declared.shape.join(', ')}]`;
  const got = `${given.type}[${given.shape.join(', ')}]`;
  if (got !== expected) return `tensor ${declared.name} as ${got}, expected ${expected}`;
  const length = tensorByteLength(declared.type, declared.shape);
  if (given.data === undefined || given.data.length === length) return null;
  return `tensor ${declared.name} with ${given.data.length} bytes, expected ${length}`;
}
