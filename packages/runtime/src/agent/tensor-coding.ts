import {
  type AffineBits,
  type Codec,
  codecName,
  type DeviceId,
  type Party,
  ProtocolError,
  type RawReason,
} from '@tandem/core';
import type { TensorValue } from '../execute/executor.ts';
import type { TensorCoder } from '../execute/tensor-coder.ts';
import { codecWithBits } from '../gateway/deployed-decision.ts';
import type { TensorMessage } from '../wire/message.ts';
import type { LoadedPlans } from './loaded-plans.ts';

export interface TensorCodingOptions {
  readonly device: DeviceId;
  readonly coder: TensorCoder;
  readonly plans: LoadedPlans;
}

/** Where a tensor goes, and what was decided about it. */
export interface CodedWay {
  readonly version: number;
  readonly to: Party;
  /** Chosen for the request; null = as the plan says. */
  readonly bits: AffineBits | null;
}

/** A tensor as it travels. */
export interface CodedTensor {
  readonly codec: Codec;
  readonly rawBecause: RawReason;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Encodes and decodes one device's tensors as the routes of their plan say. */
export class TensorCoding {
  readonly #options: TensorCodingOptions;

  constructor(options: TensorCodingOptions) {
    this.#options = options;
  }

  /** How the tensor leaves here. */
  codec(version: number, tensor: string, to: Party): Codec {
    return this.#options.plans.codec(version, tensor, this.#options.device, to);
  }

  /** A tensor that its codec cannot hold stays as it is, and says why. */
  async encode(
    { version, to, bits: chosen }: CodedWay,
    { name, shape, data }: TensorValue,
    signal: AbortSignal,
  ): Promise<CodedTensor> {
    const { coder } = this.#options;
    const codec = codecWithBits(this.codec(version, name, to), chosen);
    if (codec.kind === 'raw') return { codec, rawBecause: null, body: data };
    const { bytes, rawBecause } = await coder.encode(data, { shape, codec }, signal);
    return rawBecause === null
      ? { codec, rawBecause, body: bytes }
      : { codec: { kind: 'raw' }, rawBecause, body: data };
  }

  /** The elements. Throws ProtocolError when they are coded in another way than the plan says. */
  async decode(
    from: Party,
    message: TensorMessage,
    body: Uint8Array<ArrayBuffer>,
    signal: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { device, coder, plans } = this.#options;
    const { version, tensor, shape, codec, rawBecause } = message;
    const planned = plans.codec(version, tensor, from, device);
    const expected = plans.allowed(planned, codec, { version, tensor, from, to: device });
    const isFallback = codec.kind === 'raw' && rawBecause !== null && expected.kind !== 'raw';
    if (!isFallback && (rawBecause !== null || codecName(codec) !== codecName(expected)))
      throw otherCodec(message, expected);
    return codec.kind === 'raw' ? body : await coder.decode(body, { shape, codec }, signal);
  }
}

function otherCodec({ tensor, version, codec }: TensorMessage, expected: Codec): ProtocolError {
  return new ProtocolError(
    `tensor ${tensor} came as ${codecName(codec)}, expected ${codecName(expected)} under plan version ${version}`,
    'Deploy the same plan to every device.',
  );
}
