import {
  type AffineBits,
  type Codec,
  codecName,
  type DeviceId,
  isBare,
  type Party,
  ProtocolError,
  type RawReason,
} from '@tandem/core';
import type { TensorValue } from '../execute/executor.ts';
import type { TensorCoder } from '../execute/tensor-coder.ts';
import { codecWithBits } from '../gateway/deployed-decision.ts';
import type { SpareBuffers } from '../spare-buffers.ts';
import type { TensorMessage } from '../wire/message.ts';
import type { LoadedPlans } from './loaded-plans.ts';

export interface TensorCodingOptions {
  readonly device: DeviceId;
  readonly coder: TensorCoder;
  readonly plans: Pick<LoadedPlans, 'codec' | 'allowed'>;
  readonly spare: SpareBuffers;
}

/** Where a tensor goes, and what was decided about it. */
export interface CodedWay {
  readonly version: number;
  readonly to: Party;
  /** Chosen for the request; null = as the plan says. */
  readonly bits: AffineBits | null;
}

export interface EncodingOptions {
  readonly signal: AbortSignal;
  /** Called around the coding itself: once for a tensor that goes to several devices in one form. */
  readonly note: (kind: 'encode-start' | 'encode-end') => void;
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
  /** By tensor and codec: for two destinations it is coded once. */
  readonly #coded: WeakMap<TensorValue, Map<string, Promise<CodedTensor>>> = new WeakMap();

  constructor(options: TensorCodingOptions) {
    this.#options = options;
  }

  /** How the tensor leaves here. */
  codec(version: number, tensor: string, to: Party): Codec {
    return this.#options.plans.codec(version, tensor, this.#options.device, to);
  }

  /** A tensor that its codec cannot hold stays as it is, and says why. */
  async encode(
    { version, to, bits }: CodedWay,
    value: TensorValue,
    options: EncodingOptions,
  ): Promise<CodedTensor> {
    const codec = codecWithBits(this.codec(version, value.name, to), bits);
    if (isBare(codec)) return { codec, rawBecause: null, body: value.data };
    const coded = this.#coded.get(value) ?? new Map<string, Promise<CodedTensor>>();
    this.#coded.set(value, coded);
    const encoding = coded.get(codecName(codec)) ?? this.#encode(value, codec, options);
    coded.set(codecName(codec), encoding);
    return await encoding;
  }

  /** The tensor has left for everybody: what it was coded as can be used again. */
  async left(value: TensorValue): Promise<void> {
    const coded = this.#coded.get(value);
    this.#coded.delete(value);
    for (const encoding of coded?.values() ?? []) {
      const body = await encoding.then((tensor) => tensor.body).catch(() => value.data);
      if (body !== value.data) this.#options.spare.give(body);
    }
  }

  async #encode(
    { shape, data }: TensorValue,
    codec: Codec,
    { signal, note }: EncodingOptions,
  ): Promise<CodedTensor> {
    note('encode-start');
    const { bytes, rawBecause } = await this.#options.coder.encode(data, { shape, codec }, signal);
    note('encode-end');
    return rawBecause === null
      ? { codec, rawBecause, body: bytes }
      : { codec: { kind: 'raw' }, rawBecause, body: data };
  }

  /** Throws ProtocolError when a tensor that came is coded in another way than the plan says. */
  checkCodec(from: Party, message: TensorMessage): void {
    const { device, plans } = this.#options;
    const { version, tensor, codec, rawBecause } = message;
    const planned = plans.codec(version, tensor, from, device);
    const expected = plans.allowed(planned, codec, { version, tensor, from, to: device });
    const isFallback = isBare(codec) && rawBecause !== null && expected.kind !== 'raw';
    if (!isFallback && (rawBecause !== null || codecName(codec) !== codecName(expected)))
      throw otherCodec(message, expected);
  }

  /** The elements. */
  decode(
    { shape, codec }: TensorMessage,
    body: Uint8Array<ArrayBuffer>,
    signal: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>> {
    return this.#options.coder.decode(body, { shape, codec }, signal);
  }
}

function otherCodec({ tensor, version, codec }: TensorMessage, expected: Codec): ProtocolError {
  return new ProtocolError(
    `tensor ${tensor} came as ${codecName(codec)}, expected ${codecName(expected)} under plan version ${version}`,
    'Deploy the same plan to every device.',
  );
}
