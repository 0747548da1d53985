import {
  type ActivationCoder,
  type Codec,
  type EncodedActivation,
  elementCount,
  plainCoder,
} from '@tandem/core';

/** Codes float32 tensors for their way between devices; implementations decide on which thread. */
export interface TensorCoder {
  readonly name: string;
  /** `data` is only read. See `encodeActivation`. Throws the signal's reason when aborted first. */
  encode(data: Uint8Array<ArrayBuffer>, form: CodedForm, signal: AbortSignal): Promise<EncodedActivation>;
  /** Takes ownership of `data`; the elements, little-endian, are the caller's. Throws ProtocolError (see `decodeActivation`). */
  decode(
    data: Uint8Array<ArrayBuffer>,
    form: CodedForm,
    signal: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>>;
  /** Frees what it holds; idempotent. */
  close(): Promise<void>;
}

export interface CodedForm {
  readonly shape: readonly number[];
  readonly codec: Codec;
}

/** Codes on the calling thread, which stands still meanwhile: for tests, and where there are no threads. */
export function inlineCoder(coder: ActivationCoder = plainCoder): TensorCoder {
  return {
    name: `inline ${coder.name}`,
    encode: async (data, form, signal) => {
      signal.throwIfAborted();
      return encodeWith(coder, data, form);
    },
    decode: async (data, form, signal) => {
      signal.throwIfAborted();
      return decodeWith(coder, data, form);
    },
    close: async () => undefined,
  };
}

/** The elements of a float32 tensor, encoded. */
export function encodeWith(
  coder: ActivationCoder,
  data: Uint8Array<ArrayBuffer>,
  { shape, codec }: CodedForm,
): EncodedActivation {
  const isPlaced = data.byteOffset % Float32Array.BYTES_PER_ELEMENT === 0;
  const { buffer, byteOffset } = isPlaced ? data : new Uint8Array(data);
  return coder.encode(new Float32Array(buffer, byteOffset, elementCount('tensor', shape)), shape, codec);
}

/** The elements of a float32 tensor from what `encodeWith` made of them. */
export function decodeWith(
  coder: ActivationCoder,
  data: Uint8Array<ArrayBuffer>,
  { shape, codec }: CodedForm,
): Uint8Array<ArrayBuffer> {
  return new Uint8Array(coder.decode(data, shape, codec).buffer);
}
