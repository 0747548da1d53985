import {
  affineBits,
  type BitsPerSecond,
  type Bytes,
  bitsPerSecond,
  bytes,
  type Codec,
  type ElementType,
  elementTypeCodes,
  type Hertz,
  hertz,
  losslessNames,
  type RawReason,
  type Seconds,
  seconds,
  type TicketShare,
} from '@tandem/core';
import { z } from 'zod';
import type { Deployment } from '../gateway/deployment.ts';
import type { SegmentManifest } from '../segment/segment.ts';
import { channels, counts, decisionSchema, labels } from './decision-schema.ts';
import { descriptionSchema } from './description-schema.ts';
import type { Message } from './message.ts';
import { wireLimits } from './protocol.ts';
import { sensorReading } from './sensed-schema.ts';
import { agentTraceEvent } from './trace-schema.ts';

const integer = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const version = z
  .int()
  .min(1)
  .max(2 ** 31);
const name = z.string().min(1).max(wireLimits.nameCharacters);
const text = z.string().max(wireLimits.textCharacters);
const digest = z.string().regex(/^[0-9a-f]{64}$/);
const duration = z
  .number()
  .min(0)
  .max(wireLimits.seconds)
  .transform((value): Seconds => seconds(value));
const size = integer.max(wireLimits.segmentBytes).transform((value): Bytes => bytes(value));
const rate = z
  .number()
  .positive()
  .transform((value): BitsPerSecond => bitsPerSecond(value));
const clockRate = z
  .number()
  .positive()
  .max(1e12)
  .transform((value): Hertz => hertz(value));
const elementType = z.enum(Object.keys(elementTypeCodes) as [ElementType, ...ElementType[]]);
const shape = z.array(integer).max(wireLimits.rank);
const error = z.strictObject({ name: z.string().max(64), message: text, remedy: text });

const bits = z.literal([...affineBits]);
const lossless = z.enum(losslessNames).exactOptional();
const codec: z.ZodType<Codec> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('raw'), lossless }),
  z.strictObject({ kind: z.literal('affine'), bits, perChannel: z.boolean(), lossless }),
  z.strictObject({ kind: z.literal('fp16'), lossless }),
  z.strictObject({ kind: z.literal('bf16'), lossless }),
]);
const rawBecause: z.ZodType<RawReason> = z.enum(['not finite', 'too large']).nullable();

const manifest: z.ZodType<SegmentManifest> = z.strictObject({
  digest,
  parts: z
    .array(z.strictObject({ name: z.string().regex(/^[a-z.]{1,32}$/), sizeBytes: size, digest }))
    .min(1)
    .max(wireLimits.partsPerSegment),
});

const names = z.array(name).max(wireLimits.tensors);
const party = name.nullable();

const share: z.ZodType<TicketShare> = z
  .strictObject({
    period: z.int().min(1).max(wireLimits.sharePeriod),
    remainders: z
      .array(
        z
          .int()
          .min(0)
          .max(wireLimits.sharePeriod - 1),
      )
      .min(1)
      .max(wireLimits.sharePeriod),
  })
  .refine(({ period, remainders }) => remainders.every((remainder) => remainder < period));

const deployment: z.ZodType<Deployment> = z.strictObject({
  version,
  requestTimeoutSeconds: duration,
  queue: z.int().min(1).max(wireLimits.queue),
  priority: z.int().min(-wireLimits.priority).max(wireLimits.priority).exactOptional(),
  tensors: z.array(z.strictObject({ name, type: elementType, shape })).max(wireLimits.tensors),
  stages: z
    .array(
      z.strictObject({
        stage: integer,
        device: name,
        segment: digest,
        threads: z.int().min(1).max(wireLimits.threads),
        cpus: z
          .array(
            z
              .int()
              .min(0)
              .max(wireLimits.threads - 1),
          )
          .min(1)
          .max(wireLimits.threads)
          .exactOptional(),
        optimisation: z.enum(['all', 'basic']),
        paceSeconds: duration.nullable(),
        p99Seconds: duration.exactOptional(),
        inputs: names,
        outputs: names,
        share: share.exactOptional(),
        batch: z
          .strictObject({
            requests: z.int().min(2).max(wireLimits.queue),
            waitSeconds: duration,
            restSeconds: duration,
            paceSeconds: duration.nullable(),
          })
          .exactOptional(),
      }),
    )
    .max(wireLimits.stages),
  routes: z
    .array(
      z.strictObject({
        tensor: name,
        from: party,
        to: party,
        codec,
        bits: z.strictObject({ least: bits, most: bits }).exactOptional(),
        copy: z.boolean().exactOptional(),
        share: share.exactOptional(),
      }),
    )
    .max(wireLimits.routes),
  pacedLinks: z
    .array(z.strictObject({ from: name, to: name, bitsPerSecond: rate, oneWaySeconds: duration }))
    .max(wireLimits.routes),
  decisions: z.array(decisionSchema).max(wireLimits.stages).exactOptional(),
  repair: z.strictObject({ retain: z.boolean() }).exactOptional(),
  recut: z.boolean().exactOptional(),
});

const request = { version, request: integer };

/** Of a stage: `StageTimes`. */
const stageTimes = {
  stage: integer,
  computeSeconds: duration,
  busySeconds: duration,
  queueSeconds: duration,
};

/** What a header may hold: the same union as `Message`, with every length bounded. */
export const messageSchema: z.ZodType<Message> = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('hello'),
    protocol: integer,
    token: z.string().max(wireLimits.tokenCharacters),
    role: z.enum(['gateway', 'agent', 'visitor']),
    device: name,
    session: z.string().max(64),
    clock: z.string().max(wireLimits.nameCharacters),
  }),
  z.strictObject({
    kind: z.literal('welcome'),
    protocol: integer,
    device: name,
    pid: integer,
    agentVersion: z.string().max(64),
    runtime: z.string().max(64),
    session: z.string().max(64),
    lossless: z.array(z.enum(losslessNames)).max(losslessNames.length),
  }),
  z.strictObject({ kind: z.literal('refuse'), error }),
  z.strictObject({ kind: z.literal('segment-offer'), manifest }),
  z.strictObject({ kind: z.literal('segment-wanted'), digest }),
  z.strictObject({ kind: z.literal('segment-have'), digest }),
  z.strictObject({ kind: z.literal('segment-chunk'), digest, part: name }),
  z.strictObject({ kind: z.literal('segment-end'), digest }),
  z.strictObject({ kind: z.literal('segment-refused'), digest, error }),
  z.strictObject({
    kind: z.literal('deploy'),
    deployment,
    peers: z
      .array(z.strictObject({ device: name, address: name, session: z.string().max(64) }))
      .max(wireLimits.devices),
    trace: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal('deployed'),
    version,
    stages: z.array(z.strictObject({ stage: integer, loadSeconds: duration })).max(wireLimits.stages),
  }),
  z.strictObject({ kind: z.literal('deploy-refused'), version, error }),
  z.strictObject({
    kind: z.literal('set-clock'),
    clock: z
      .strictObject({
        hertz: clockRate,
        highestHertz: clockRate,
        threads: z.int().min(1).max(wireLimits.threads),
        pacedHertz: clockRate.nullable(),
      })
      .nullable(),
  }),
  z.strictObject({
    kind: z.literal('clock-set'),
    actuator: z.string().max(64).nullable(),
    hertz: clockRate.nullable(),
    reason: text.nullable(),
  }),
  z.strictObject({ kind: z.literal('withdraw'), version }),
  z.strictObject({ kind: z.literal('withdrawn'), version }),
  z.strictObject({
    kind: z.literal('tensor'),
    ...request,
    ticket: integer,
    tensor: name,
    type: elementType,
    shape,
    codec,
    rawBecause,
    readySeconds: duration,
    times: z.strictObject(stageTimes).exactOptional(),
  }),
  z.strictObject({
    kind: z.literal('transfer-done'),
    ...request,
    tensor: name,
    from: name,
    seconds: duration.nullable(),
    bytes: size,
    codec,
    rawBecause,
  }),
  z.strictObject({
    kind: z.literal('stage-done'),
    ...request,
    ...stageTimes,
  }),
  z.strictObject({
    kind: z.literal('ack'),
    ...request,
    tensor: name,
    receivedSeconds: duration.nullable(),
  }),
  z.strictObject({ kind: z.literal('release'), ...request }),
  z.strictObject({ kind: z.literal('freeze'), version }),
  z.strictObject({
    kind: z.literal('holding'),
    version,
    requests: z.array(z.strictObject({ request: integer, tensors: names })).max(wireLimits.heldRequests),
  }),
  z.strictObject({ kind: z.literal('adopt'), ...request, ticket: integer, tensor: name, formerly: integer }),
  z.strictObject({ kind: z.literal('accuse'), device: name, error }),
  z.strictObject({ kind: z.literal('overdue'), version, stage: integer, seconds: duration }),
  z.strictObject({
    kind: z.literal('exit'),
    ...request,
    stage: integer,
    label: integer,
    score: z.number().min(0),
  }),
  z.strictObject({
    kind: z.literal('answered'),
    ...request,
    label: integer,
    slowerSeconds: duration.nullable(),
  }),
  z.strictObject({ kind: z.literal('decision-note'), version, stage: integer, note: text.nullable() }),
  z.strictObject({ kind: z.literal('collect-centres'), version, stage: integer }),
  z.strictObject({
    kind: z.literal('centres'),
    version,
    stage: integer,
    channels,
    labels,
    counts,
    factor: z.number().min(1),
    note: text.nullable(),
  }),
  z.strictObject({
    kind: z.literal('failure'),
    version: version.nullable(),
    request: integer.nullable(),
    error,
  }),
  z.strictObject({ kind: z.literal('cancel'), ...request, ticket: integer }),
  z.strictObject({ kind: z.literal('sensed'), reading: sensorReading }),
  z.strictObject({ kind: z.literal('ping'), nonce: integer }),
  z.strictObject({ kind: z.literal('pong'), nonce: integer }),
  z.strictObject({ kind: z.literal('collect-trace'), nonce: integer }),
  z.strictObject({
    kind: z.literal('traced'),
    nonce: integer,
    clock: z.string().max(wireLimits.nameCharacters),
    nowSeconds: duration,
    events: z.array(agentTraceEvent).max(wireLimits.traceEvents),
    left: integer,
    dropped: integer,
  }),
  z.strictObject({ kind: z.literal('describe') }),
  z.strictObject({ kind: z.literal('description'), description: descriptionSchema }),
  z.strictObject({ kind: z.literal('measure-link'), address: name }),
  z.strictObject({
    kind: z.literal('link-measured'),
    link: z.strictObject({
      roundTripSeconds: duration,
      perMessageSeconds: duration,
      burstBytes: size,
      bitsPerSecond: rate,
      transferBytes: size,
      transferSeconds: duration,
    }),
  }),
  z.strictObject({ kind: z.literal('probe-refused'), error }),
  z.strictObject({ kind: z.literal('filler'), nonce: integer.nullable() }),
  z.strictObject({ kind: z.literal('goodbye') }),
]);
