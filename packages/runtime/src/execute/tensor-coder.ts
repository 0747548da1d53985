import {
  type ActivationCoder,
  type Codec,
  type EncodedActivation,
  elementCount,
  type LosslessCoder,
  type LosslessName,
  plainCoder,
  UnsupportedError,
  withLossless,
} from '@tandem/core';

/** Codes float32 tensors for their way between devices; implementations decide on which thread. */
export interface TensorCoder {
  readonly name: string;
  /** The compressors that it has; of another one, encode and decode throw UnsupportedError. */
  readonly lossless: readonly LosslessName[];
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
export function inlineCoder(lossless: readonly LosslessCoder[] = []): TensorCoder {
  const coderOf = losslessCoders(plainCoder, lossless);
  return {
    name: `inline ${plainCoder.name}`,
    lossless: lossless.map(({ name }) => name),
    encode: async (data, form, signal) => {
      signal.throwIfAborted();
      return encodeWith(coderOf(form), data, form);
    },
    decode: async (data, form, signal) => {
      signal.throwIfAborted();
      return decodeWith(coderOf(form), data, form);
    },
    close: async () => undefined,
  };
}

/** The coder for each form: `coder`, followed by one of the compressors where the form names it. */
export function losslessCoders(
  coder: ActivationCoder,
  lossless: readonly LosslessCoder[],
): (form: CodedForm) => ActivationCoder {
  const coders = new Map(lossless.map((one) => [one.name, withLossless(coder, one)]));
  return ({ codec }) => {
    if (codec.lossless === undefined) return coder;
    const known = coders.get(codec.lossless);
    if (known !== undefined) return known;
    throw new UnsupportedError(
      `a tensor is to be compressed by ${codec.lossless}, which this agent does not have`,
      'Plan without the lossless stage.',
    );
  };
}

/** The elements of a float32 tensor, encoded, in `into` where they fit. */
export function encodeWith(
  coder: ActivationCoder,
  data: Uint8Array<ArrayBuffer>,
  { shape, codec }: CodedForm,
  into?: Uint8Array<ArrayBuffer>,
): EncodedActivation {
  const isPlaced = data.byteOffset % Float32Array.BYTES_PER_ELEMENT === 0;
  const { buffer, byteOffset } = isPlaced ? data : new Uint8Array(data);
  const values = new Float32Array(buffer, byteOffset, elementCount('tensor', shape));
  return coder.encode(values, shape, codec, into === undefined ? {} : { into });
}

/** The elements of a float32 tensor from what `encodeWith` made of them, in the buffer of `into` where that has their size. */
export function decodeWith(
  coder: ActivationCoder,
  data: Uint8Array<ArrayBuffer>,
  { shape, codec }: CodedForm,
  into?: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const size = Float32Array.BYTES_PER_ELEMENT * elementCount('tensor', shape);
  const options = into?.buffer.byteLength === size ? { into: new Float32Array(into.buffer) } : {};
  return new Uint8Array(coder.decode(data, shape, codec, options).buffer);
}
