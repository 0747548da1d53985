import { cutBitsKey, cutBitsOf, type Label } from '@tandem/core';
import type { CalibrationRow } from '@tandem/runtime';
import { z } from 'zod';

/** A row of measurements as a line of JSON. */
export type StoredRow = StoredWhole | StoredCut;

interface StoredWhole {
  readonly kind: 'whole';
  readonly from: number;
  readonly labels: readonly Label[];
}

interface StoredCut {
  readonly kind: 'cut';
  readonly cut: number;
  readonly from: number;
  /** As `cutBitsKey`. */
  readonly bits: string;
  readonly labels: readonly Label[];
  /** float32, little-endian, base64. */
  readonly features: string | null;
}

const from = z.int().min(0);
const labels = z.array(z.int().min(-1));

export const storedRow: z.ZodType<StoredRow> = z.union([
  z.object({ kind: z.literal('whole'), from, labels }),
  z.object({
    kind: z.literal('cut'),
    cut: z.int().min(0),
    from,
    bits: z.string(),
    labels,
    features: z.string().nullable(),
  }),
]);

export function storeRow(row: CalibrationRow): StoredRow {
  if (row.kind === 'whole') return row;
  const { features } = row;
  const bytes =
    features === null ? null : Buffer.from(features.buffer, features.byteOffset, features.byteLength);
  return { ...row, bits: cutBitsKey(row.bits), features: bytes?.toString('base64') ?? null };
}

/** None for a row that no version of this program wrote. */
export function restoreRow(row: StoredRow): CalibrationRow[] {
  if (row.kind === 'whole') return [row];
  const bits = cutBitsOf(row.bits);
  if (bits === null) return [];
  const bytes = row.features === null ? null : Uint8Array.from(Buffer.from(row.features, 'base64'));
  return [{ ...row, bits, features: bytes === null ? null : new Float32Array(bytes.buffer) }];
}
