import type { DynamicsEvent, Link, TraceEvent } from '@tandem/core';
import { keepNewest } from '../keep-newest.ts';

type Goodput = Extract<DynamicsEvent, { kind: 'goodput' }>;

/** One tensor on its way, as far as its sender and its receiver have told. */
interface Passage {
  readonly version: number;
  readonly request: number;
  sent: { readonly at: number; readonly bytes: number } | null;
  arrivedAt: number | null;
}

/** Bytes, and the time in which they were under way and nothing else was. */
interface Sample {
  readonly bytes: number;
  readonly seconds: number;
}

interface Way {
  readonly link: Link;
  readonly passages: Map<string, Passage>;
  /** When the last bit of what arrived last left. */
  leftAt: number;
  /** Transfers since the last reading. */
  samples: Sample[];
  /** Of the last reading. */
  bitsPerSecond: number;
}

/** Less says more about messages than about the rate. */
const leastBytes = 1000;
/** The median of so many transfers at least counts: one that a busy machine held up does not make a link slow. */
const leastSamples = 3;
/** What needs so small a share of the time of the one before came together with it, out of a buffer. */
const togetherShare = 0.1;
/** What is under way for so long says that the link is no faster, though it has not arrived. */
const overdueSeconds = 1;
/** Tensors of a link of which one of the two has told, and requests that have failed; the oldest are forgotten first. */
const mostRemembered = 4096;

/**
 * The rates of the links between agents, from the transfers of a trace. A link carries one tensor after the other, so that each has the
 * time from when it was sent, or the one before it had left, to its arrival: neither what waits at the sender nor what lies in buffers counts
 * as slowness of the link or as its speed.
 */
export class LinkGoodput {
  readonly #ways: Map<string, Way> = new Map();
  /** Nothing of them arrives any more, though their senders may tell later that it left. */
  readonly #failed: Set<number> = new Set();
  readonly #repaired: Set<number> = new Set();

  constructor(links: readonly Link[]) {
    for (const link of links)
      this.#ways.set(wayKey(link.from, link.to), {
        link,
        passages: new Map(),
        leftAt: Number.NEGATIVE_INFINITY,
        samples: [],
        bitsPerSecond: Number.POSITIVE_INFINITY,
      });
  }

  see(event: TraceEvent): void {
    if (event.kind === 'failure') return this.#fail(event.request);
    if (event.kind === 'repair') return this.#repair(event.replaces);
    if (event.kind !== 'transfer-start' && event.kind !== 'tensor-arrived') return;
    const { request, tensor, from, to, version, atSeconds } = event;
    const way = this.#ways.get(wayKey(from, to));
    if (way === undefined || this.#failed.has(request) || this.#repaired.has(version)) return;
    const key = JSON.stringify([version, request, tensor]);
    const passage = way.passages.get(key) ?? { version, request, sent: null, arrivedAt: null };
    if (event.kind === 'transfer-start') passage.sent = { at: atSeconds, bytes: event.bytes };
    else passage.arrivedAt = atSeconds;
    way.passages.set(key, passage);
    keepNewest(way.passages, mostRemembered);
  }

  /** Since the last time. */
  read(now: number): readonly Goodput[] {
    return [...this.#ways.values()].flatMap((way): Goodput[] => {
      const measured = arrived(way) ?? overdue(way, now);
      if (measured === null) return [];
      way.bitsPerSecond = measured;
      const { from, to } = way.link;
      return [{ kind: 'goodput', from, to, bitsPerSecond: measured }];
    });
  }

  #fail(request: number): void {
    this.#failed.add(request);
    keepNewest(this.#failed, mostRemembered);
    this.#forget((passage) => passage.request === request);
  }

  /** What was under way is sent again, under another version and number. */
  #repair(version: number): void {
    this.#repaired.add(version);
    this.#forget((passage) => passage.version === version);
  }

  #forget(isOver: (passage: Passage) => boolean): void {
    for (const { passages } of this.#ways.values())
      for (const [key, passage] of passages) if (isOver(passage)) passages.delete(key);
  }
}

const wayKey = (from: string | null, to: string | null): string => JSON.stringify([from, to]);

function arrived(way: Way): number | null {
  takeArrived(way);
  const { samples } = way;
  if (samples.length < leastSamples) return null;
  way.samples = [];
  const rates = samples.map(({ bytes, seconds }) => (8 * bytes) / seconds).sort((a, b) => a - b);
  const median = rates[Math.floor(rates.length / 2)] ?? Number.POSITIVE_INFINITY;
  return Number.isFinite(median) ? median : null;
}

function takeArrived(way: Way): void {
  const { link, passages, samples } = way;
  const ended = [...passages].flatMap(([key, { sent, arrivedAt }]) =>
    sent === null || arrivedAt === null ? [] : [{ key, ...sent, arrivedAt }],
  );
  for (const { key, at, bytes, arrivedAt } of ended.toSorted((a, b) => a.arrivedAt - b.arrivedAt)) {
    passages.delete(key);
    const leftAt = arrivedAt - link.roundTripSeconds / 2 - link.perMessageSeconds;
    const seconds = Math.max(0, leftAt - Math.max(at, way.leftAt));
    way.leftAt = Math.max(way.leftAt, leftAt);
    const before = samples.at(-1);
    if (before !== undefined && seconds < togetherShare * before.seconds)
      samples[samples.length - 1] = { bytes: before.bytes + bytes, seconds: before.seconds + seconds };
    else if (bytes >= leastBytes) samples.push({ bytes, seconds });
  }
}

/** What is under way for long is at most this fast; null where that is no news. */
function overdue(way: Way, now: number): number | null {
  const [oldest] = [...way.passages.values()].filter(
    ({ sent, arrivedAt }) => sent !== null && arrivedAt === null,
  );
  if (oldest?.sent == null || oldest.sent.bytes < leastBytes) return null;
  const seconds = now - Math.max(oldest.sent.at, way.leftAt);
  const most = (8 * oldest.sent.bytes) / seconds;
  return seconds > overdueSeconds && most < way.bitsPerSecond ? most : null;
}
