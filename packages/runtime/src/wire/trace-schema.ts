import { type Bytes, bytes, type Seconds, seconds } from '@tandem/core';
import { z } from 'zod';
import type { AgentTraceEvent } from './message.ts';
import { wireLimits } from './protocol.ts';

const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const name = z.string().min(1).max(wireLimits.nameCharacters);
const party = name.nullable();
const atSeconds = z
  .number()
  .min(-1e15)
  .max(1e15)
  .transform((value): Seconds => seconds(value));
const size = count.transform((value): Bytes => bytes(value));

const ofRequest = { atSeconds, version: count, request: count };
const ofStage = { atSeconds, version: count, stage: count, device: name };
const transfer = { ...ofRequest, tensor: name, from: party, to: party };

/** What agents say of a run: AgentTraceEvent with every length bounded. */
export const agentTraceEvent: z.ZodType<AgentTraceEvent> = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.enum(['stage-start', 'stage-end']),
    ...ofStage,
    requests: z.array(count).max(wireLimits.queue),
  }),
  z.strictObject({ kind: z.enum(['blocked', 'unblocked']), ...ofStage }),
  z.strictObject({ kind: z.literal('exit'), ...ofRequest, stage: count, device: name }),
  z.strictObject({ kind: z.literal('bits'), ...ofRequest, tensor: name, bits: z.number().min(0).max(64) }),
  z.strictObject({
    kind: z.enum(['encode-start', 'encode-end', 'decode-start', 'decode-end']),
    ...ofRequest,
    device: name,
    tensor: name,
  }),
  z.strictObject({ kind: z.literal('transfer-start'), ...transfer, bytes: size }),
  z.strictObject({ kind: z.enum(['transfer-end', 'tensor-arrived']), ...transfer }),
]);
