import { type DeviceId, errorFromRecord, InvalidInputError } from '@tandem/core';
import type { SegmentSource } from '../segment/segment.ts';
import type { Message } from '../wire/message.ts';
import { wireLimits } from '../wire/protocol.ts';
import { type AgentLink, named } from './agent-link.ts';
import type { Deployment } from './deployment.ts';

/** How far the sending of one segment to one device is. */
export interface SegmentProgress {
  readonly device: DeviceId;
  readonly segment: string;
  readonly sentBytes: number;
  readonly totalBytes: number;
}

export interface SendSegments {
  readonly segments: ReadonlyMap<string, SegmentSource>;
  /** For the agent to check and keep one segment. */
  readonly storeSeconds: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: SegmentProgress) => void;
}

/** Sends an agent the segments that its stages need and that it does not have, one after the other. */
export async function sendSegments(
  link: AgentLink,
  deployment: Deployment,
  options: SendSegments,
): Promise<void> {
  const mine = deployment.stages.filter(({ device }) => device === link.device);
  for (const digest of new Set(mine.map(({ segment }) => segment))) {
    const source = options.segments.get(digest);
    if (source === undefined) throw noSource(digest, options.segments);
    await sendSegment(link, source, options);
  }
}

async function sendSegment(link: AgentLink, source: SegmentSource, options: SendSegments): Promise<void> {
  const { manifest } = source;
  const { digest } = manifest;
  const { storeSeconds, signal } = options;
  const key = `segment ${digest}`;
  const offered = await link.ask({ kind: 'segment-offer', manifest }, key, storeSeconds, signal);
  if (!isWanted(link, offered)) return;
  const kept = await link.whileFilling(async () => {
    await sendParts(link, source, options);
    return await link.ask({ kind: 'segment-end', digest }, key, storeSeconds, signal);
  });
  isWanted(link, kept);
}

async function sendParts(link: AgentLink, source: SegmentSource, options: SendSegments): Promise<void> {
  const { digest, parts } = source.manifest;
  const totalBytes = parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let sentBytes = 0;
  for (const { name: part } of parts) {
    for await (const chunk of source.chunks(part)) {
      for (const piece of pieces(chunk)) {
        await link.send({ kind: 'segment-chunk', digest, part }, options.signal, piece);
        sentBytes += piece.length;
        options.onProgress({ device: link.device, segment: digest, sentBytes, totalBytes });
      }
    }
  }
}

function* pieces(chunk: Uint8Array): Generator<Uint8Array<ArrayBuffer>> {
  const bytes =
    chunk.buffer instanceof ArrayBuffer ? (chunk as Uint8Array<ArrayBuffer>) : new Uint8Array(chunk);
  for (let from = 0; from < bytes.length; from += wireLimits.chunkBytes) {
    yield bytes.subarray(from, from + wireLimits.chunkBytes);
  }
}

/** Throws what the agent refused with. */
function isWanted(link: AgentLink, answer: Message): boolean {
  if (answer.kind === 'segment-refused') throw named(link.device, errorFromRecord(answer.error));
  return answer.kind === 'segment-wanted';
}

function noSource(digest: string, segments: ReadonlyMap<string, SegmentSource>): InvalidInputError {
  return new InvalidInputError(
    `the deployment needs segment ${digest}, but only ${segments.size} others were given`,
    'Give every segment of the plan.',
  );
}
