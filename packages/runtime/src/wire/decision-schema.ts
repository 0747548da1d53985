import { affineBits, type OnlineThresholds, precisionRules, type Seconds, seconds } from '@tandem/core';
import { z } from 'zod';
import type { DeployedDecision } from '../gateway/deployed-decision.ts';
import { wireLimits } from './protocol.ts';

const integer = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const name = z.string().min(1).max(wireLimits.nameCharacters);
const number = z.number();
const share = z.number().min(0).max(1);
const bits = z.literal([...affineBits]);
const duration = z
  .number()
  .min(0)
  .max(1e9)
  .transform((value): Seconds => seconds(value));

/** Rows of a matrix, named by label, and how many answers each stands for. */
export const labels: z.ZodType<readonly number[]> = z.array(integer).max(wireLimits.labels);
export const counts: z.ZodType<readonly number[]> = z.array(z.number().min(0)).max(wireLimits.labels);
export const channels: z.ZodType<number> = z.int().min(1).max(wireLimits.channels);

const thresholds: z.ZodType<OnlineThresholds> = z.strictObject({
  exitAbove: number.nullable(),
  fewerBits: z.array(z.strictObject({ bits, atLeast: number })).max(affineBits.length),
  offlineBits: bits,
  mostDistance: number.min(0).nullable(),
  labels: integer,
  similarity: z.strictObject({ mean: number, deviation: number.min(0) }),
  samples: integer,
  exitLoss: z.strictObject({ share, low: share, high: share }),
  notes: z.array(z.string().max(wireLimits.textCharacters)).max(100),
});

const by = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('centres'),
    counts,
    thresholds,
    factor: z.number().min(1).max(1000),
    similarity: z.enum(['clamped', 'shifted']),
    leastCount: integer,
    auditShare: share,
    mostLoss: share,
  }),
  z.strictObject({
    kind: z.literal('confidence'),
    exitAbove: number.nullable(),
    offlineBits: bits,
    factor: z.number().min(1).max(1000),
    auditShare: share,
    mostLoss: share,
  }),
]);

/** What agents decide request by request, with every length bounded. */
export const decisionSchema: z.ZodType<DeployedDecision> = z.strictObject({
  stage: integer,
  tensors: z.array(name).min(1).max(wireLimits.tensors),
  channels,
  labels,
  by,
  bits: z
    .strictObject({
      rule: z.enum(precisionRules),
      least: bits,
      most: bits,
      ways: z.array(z.strictObject({ tensor: name, to: name })).max(wireLimits.routes),
      slowerSeconds: duration,
      oneWaySeconds: duration,
    })
    .nullable(),
});
