import { createHash } from 'node:crypto';
import { type ElementType, type ErrorRecord, elementTypeCodes } from '@tandem/core';
import type { TensorValue } from '@tandem/runtime';
import { z } from 'zod';

/** One thing that happened to a request, as it is written. */
export type JournalRecord =
  | { readonly kind: 'accepted'; readonly key: string; readonly tensors: readonly TensorValue[] }
  | { readonly kind: 'answered'; readonly key: string; readonly tensors: readonly TensorValue[] }
  | { readonly kind: 'failed'; readonly key: string; readonly error: ErrorRecord }
  | { readonly kind: 'taken'; readonly key: string };

/** Header length, body length, the first bytes of the SHA-256 of both. */
export const prefixBytes: number = 16;
const largestHeader: number = 1_048_576;
export const longestKey: number = 256;

const key = z.string().min(1).max(longestKey);
const tensors = z
  .array(
    z.strictObject({
      name: z.string().max(1024),
      type: z.enum(Object.keys(elementTypeCodes) as [ElementType, ...ElementType[]]),
      shape: z.array(z.int().min(0)).max(16),
      bytes: z.int().min(0),
    }),
  )
  .max(4096);
const text = z.string().max(65_536);
const header = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('accepted'), key, tensors }),
  z.strictObject({ kind: z.literal('answered'), key, tensors }),
  z.strictObject({
    kind: z.literal('failed'),
    key,
    error: z.strictObject({ name: text, message: text, remedy: text }),
  }),
  z.strictObject({ kind: z.literal('taken'), key }),
]);

/** The record as buffers, one behind the other; tensors are not copied. */
export function encodeRecord(record: JournalRecord): Uint8Array[] {
  const content = 'tensors' in record ? record.tensors : [];
  const described = content.map(({ name, type, shape, data }) => ({ name, type, shape, bytes: data.length }));
  const written = 'tensors' in record ? { ...record, tensors: described } : record;
  const text = Buffer.from(JSON.stringify(written));
  const bodies = content.map(({ data }) => data);
  const prefix = Buffer.alloc(prefixBytes);
  prefix.writeUInt32LE(text.length, 0);
  prefix.writeUInt32LE(
    bodies.reduce((sum, { length }) => sum + length, 0),
    4,
  );
  checksum([text, ...bodies]).copy(prefix, 8);
  return [prefix, text, ...bodies];
}

/** The lengths that a prefix announces; null = no record begins like this. */
export function lengthsOf(prefix: Buffer): { readonly header: number; readonly body: number } | null {
  const [length, body] = [prefix.readUInt32LE(0), prefix.readUInt32LE(4)];
  return length === 0 || length > largestHeader ? null : { header: length, body };
}

/** What stands behind the prefix; null = it was not written to its end. */
export function decodeRecord(prefix: Buffer, text: Buffer, body: Buffer): JournalRecord | null {
  if (!checksum([text, body]).equals(prefix.subarray(8, prefixBytes))) return null;
  const parsed = header.safeParse(parseJson(text));
  if (!parsed.success) return null;
  const record = parsed.data;
  if (!('tensors' in record)) return record;
  let at = 0;
  const tensorsOf = record.tensors.map(({ bytes, ...form }): TensorValue => {
    const data = new Uint8Array(body.subarray(at, at + bytes));
    at += bytes;
    return { ...form, data };
  });
  return at === body.length ? { kind: record.kind, key: record.key, tensors: tensorsOf } : null;
}

function checksum(parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest().subarray(0, 8);
}

function parseJson(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString('utf8'));
  } catch {
    return null;
  }
}
