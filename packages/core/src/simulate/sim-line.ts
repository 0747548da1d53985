import { carriedBytes } from '../cluster/carried-bytes.ts';
import type { Link } from '../cluster/cluster.ts';
import { transferSeconds } from '../cluster/transfer-seconds.ts';
import type { Bytes } from '../units.ts';
import type { EventQueue, Planned } from './event-queue.ts';

/** One direction between two devices, as the simulator changes it. */
export interface SimLink {
  readonly from: string;
  readonly to: string;
  readonly rate: Link['rate'];
  readonly delaySeconds: number;
  readonly perMessageSeconds: number;
  readonly burstBytes: number;
  readonly line: SimLine;
  /** Of what passes now, in bits a second. */
  readonly rateNow: (seconds: number) => number;
  /** Multiplies the rate. */
  factor: number;
}

export interface SimTransfer {
  readonly link: SimLink;
  readonly bytes: Bytes;
  started(): void;
  /** The last bit has left. */
  ended(): void;
}

/** What one transfer at a time can use: a link, or a medium that several share. First come, first served. */
export class SimLine {
  readonly #queue: EventQueue;
  readonly #waiting: SimTransfer[] = [];
  #current: {
    readonly transfer: SimTransfer;
    end: Planned;
    /** At `since` so much was left. */
    since: number;
    overheadSeconds: number;
    bytes: number;
  } | null = null;
  readonly #ended = (): void => this.#end();

  constructor(queue: EventQueue) {
    this.#queue = queue;
  }

  send(transfer: SimTransfer): void {
    if (this.#current === null) this.#start(transfer);
    else this.#waiting.push(transfer);
  }

  /** The rate of this link has another factor now: what is left of its transfer goes on at that. */
  changeFactor(link: SimLink, factor: number): void {
    const current = this.#current;
    if (current?.transfer.link === link) {
      const passed = this.#queue.now - current.since;
      const overhead = Math.min(passed, current.overheadSeconds);
      const sent = carriedBytes(link, current.since + overhead, this.#queue.now) * link.factor;
      current.overheadSeconds -= overhead;
      current.bytes = Math.max(0, current.bytes - sent);
      current.since = this.#queue.now;
      link.factor = factor;
      current.end.run = null;
      current.end = this.#planEnd(link, current.overheadSeconds, current.bytes);
    }
    link.factor = factor;
  }

  #start(transfer: SimTransfer): void {
    const { link } = transfer;
    const { perMessageSeconds } = link;
    const bytes = Math.max(0, transfer.bytes - link.burstBytes);
    transfer.started();
    const end = this.#planEnd(link, perMessageSeconds, bytes);
    this.#current = { transfer, end, since: this.#queue.now, overheadSeconds: perMessageSeconds, bytes };
  }

  #planEnd(link: SimLink, overheadSeconds: number, bytes: number): Planned {
    const { now } = this.#queue;
    return this.#queue.at(now + occupiedSeconds(link, overheadSeconds, bytes, now), this.#ended);
  }

  #end(): void {
    const ended = this.#current?.transfer;
    this.#current = null;
    const next = this.#waiting.shift();
    ended?.ended();
    if (next !== undefined) this.#start(next);
  }
}

/** The bytes follow what is added for each message. */
function occupiedSeconds(link: SimLink, overheadSeconds: number, bytes: number, start: number): number {
  if (bytes === 0) return overheadSeconds;
  if (link.factor === 0) return Number.POSITIVE_INFINITY;
  return overheadSeconds + transferSeconds(link, bytes / link.factor, start + overheadSeconds);
}
