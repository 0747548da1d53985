import {
  affineBits,
  type Bytes,
  bytes,
  type Codec,
  type ElementType,
  elementTypeCodes,
  type Seconds,
  seconds,
} from '@tandem/core';
import type { Ack, Message, StageDone, TensorMessage, TransferDone } from './message.ts';
import { wireLimits } from './protocol.ts';
import type { StageTimes } from './stage-times.ts';

/**
 * One of the messages that every request needs several of, checked by hand and in its plain form only. Null for anything else, which is
 * the schema's to judge: what is given here is what the schema gives. Between two runs of a model, which leave the processor's caches
 * with nothing of the schema in them, the schema takes 100 µs longer.
 */
export function frequentMessage(value: unknown): Message | null {
  if (!isRecord(value)) return null;
  switch (value['kind']) {
    case 'tensor':
      return tensorOf(value);
    case 'transfer-done':
      return transferDoneOf(value);
    case 'stage-done':
      return stageDoneOf(value);
    case 'ack':
      return ackOf(value);
    default:
      return null;
  }
}

type Fields = Readonly<Record<string, unknown>>;

function tensorOf(fields: Fields): TensorMessage | null {
  const { version, request, ticket, tensor, type, shape, rawBecause } = fields;
  const [codec, readySeconds] = [codecOf(fields['codec']), secondsOf(fields['readySeconds'])];
  const isTimed = 'times' in fields;
  const times = isTimed ? timesOf(fields['times'], 4) : null;
  const isOne = count(fields) === (isTimed ? 11 : 10) && isVersion(version) && isWhole(request);
  if (!isOne || !isWhole(ticket) || !isName(tensor) || !isElementType(type) || !isShape(shape)) return null;
  if (codec === null || rawBecause !== null || readySeconds === null) return null;
  const message = { version, request, ticket, tensor, type, shape, codec, rawBecause, readySeconds };
  if (times !== null) return { kind: 'tensor', ...message, times };
  return isTimed ? null : { kind: 'tensor', ...message };
}

function transferDoneOf(fields: Fields): TransferDone | null {
  const { version, request, tensor, from, rawBecause } = fields;
  const [codec, size] = [codecOf(fields['codec']), bytesOf(fields['bytes'])];
  const taken = secondsOf(fields['seconds']);
  const isOne = count(fields) === 9 && isVersion(version) && isWhole(request) && isName(tensor);
  if (!isOne || !isName(from) || codec === null || size === null) return null;
  if (taken === null || rawBecause !== null) return null;
  return {
    kind: 'transfer-done',
    version,
    request,
    tensor,
    from,
    seconds: taken,
    bytes: size,
    codec,
    rawBecause,
  };
}

function stageDoneOf(fields: Fields): StageDone | null {
  const { version, request } = fields;
  const times = timesOf(fields, 7);
  if (times === null || !isVersion(version) || !isWhole(request)) return null;
  return { kind: 'stage-done', version, request, ...times };
}

/** Null too where the fields are not so many. */
function timesOf(fields: unknown, size: number): StageTimes | null {
  if (!isRecord(fields) || count(fields) !== size) return null;
  const { stage } = fields;
  const computeSeconds = secondsOf(fields['computeSeconds']);
  const busySeconds = secondsOf(fields['busySeconds']);
  const queueSeconds = secondsOf(fields['queueSeconds']);
  if (!isWhole(stage) || computeSeconds === null || busySeconds === null || queueSeconds === null)
    return null;
  return { stage, computeSeconds, busySeconds, queueSeconds };
}

function ackOf(fields: Fields): Ack | null {
  const { version, request, tensor } = fields;
  const receivedSeconds = secondsOf(fields['receivedSeconds']);
  const isOne = count(fields) === 5 && isVersion(version) && isWhole(request) && isName(tensor);
  if (!isOne || receivedSeconds === null) return null;
  return { kind: 'ack', version, request, tensor, receivedSeconds };
}

function codecOf(value: unknown): Codec | null {
  if (!isRecord(value)) return null;
  if (value['kind'] === 'raw') return count(value) === 1 ? { kind: 'raw' } : null;
  const { perChannel } = value;
  const bits = affineBits.find((known) => known === value['bits']);
  if (value['kind'] !== 'affine' || count(value) !== 3) return null;
  return bits === undefined || typeof perChannel !== 'boolean' ? null : { kind: 'affine', bits, perChannel };
}

const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const count = (fields: Fields): number => Object.keys(fields).length;

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

const isVersion = (value: unknown): value is number => isWhole(value) && value >= 1 && value <= 2 ** 31;

const isName = (value: unknown): value is string =>
  typeof value === 'string' && value.length >= 1 && value.length <= wireLimits.nameCharacters;

const isElementType = (value: unknown): value is ElementType =>
  typeof value === 'string' && Object.hasOwn(elementTypeCodes, value);

const isShape = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.length <= wireLimits.rank && value.every(isWhole);

const secondsOf = (value: unknown): Seconds | null =>
  typeof value === 'number' && value >= 0 && value <= wireLimits.seconds ? seconds(value) : null;

const bytesOf = (value: unknown): Bytes | null =>
  isWhole(value) && value <= wireLimits.segmentBytes ? bytes(value) : null;
