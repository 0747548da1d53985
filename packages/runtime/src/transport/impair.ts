import { type Clock, ConnectionError, type Seconds, seconds } from '@tandem/core';
import { closedError, frameBytes } from './frame-queue.ts';
import type { Connection, Frame } from './transport.ts';
import { Turns } from './turns.ts';
import { WaitingList } from './waiting-list.ts';

/** What a link does to the frames that are sent over it, in one direction. Absent = nothing. */
export interface Impairment {
  /** Rate at which bits leave, bit/s. @default unlimited */
  readonly bitsPerSecond?: number;
  /** Time from the last bit's leaving to its arrival. @default 0 */
  readonly oneWaySeconds?: number;
  /** Once this many bytes have left, nothing leaves for `seconds` (Infinity = for good). */
  readonly stall?: { readonly afterBytes: number; readonly seconds: number };
  /** The frame that would bring the bytes sent to this many breaks the connection instead. */
  readonly disconnectAfterBytes?: number;
}

/**
 * The same connection behind a slower link. A frame leaves at `bitsPerSecond`, header and body counted, one after the other; `send`
 * resolves when its last bit has left, and `oneWaySeconds` later it arrives. What is under way is bounded, so a peer that does not
 * read still holds the sender back. Frames received are not touched: impair the other end for the other direction.
 */
export function impair(connection: Connection, impairment: Impairment, clock: Clock): Connection {
  return isUnimpaired(impairment) ? connection : new ImpairedConnection(connection, impairment, clock);
}

function isUnimpaired({ bitsPerSecond, oneWaySeconds, stall, disconnectAfterBytes }: Impairment): boolean {
  const unlimited = bitsPerSecond === undefined || bitsPerSecond === Number.POSITIVE_INFINITY;
  return unlimited && !oneWaySeconds && stall === undefined && disconnectAfterBytes === undefined;
}

const smallestWindowBytes = 2 ** 20;
const largestWindowBytes = 2 ** 24;

class ImpairedConnection implements Connection {
  readonly peer: string;
  readonly #inner: Connection;
  readonly #clock: Clock;
  readonly #impairment: Impairment;
  readonly #oneWay: Seconds;
  readonly #windowBytes: number;
  readonly #leaving: Turns = new Turns();
  readonly #arriving: Turns = new Turns();
  readonly #room: WaitingList = new WaitingList();
  readonly #life: AbortController = new AbortController();
  #underWayBytes = 0;
  #sentBytes = 0;
  #lineFreeAt = 0;
  #stalled = false;
  #closing = false;
  #lastArrival: Promise<void> = Promise.resolve();

  constructor(inner: Connection, impairment: Impairment, clock: Clock) {
    this.peer = inner.peer;
    this.#inner = inner;
    this.#clock = clock;
    this.#impairment = impairment;
    this.#oneWay = seconds(impairment.oneWaySeconds ?? 0);
    this.#windowBytes = windowBytes(impairment);
  }

  async send(frame: Frame, signal: AbortSignal): Promise<void> {
    await this.#leaving.run(signal, () => this.#leave(frame, signal));
  }

  receive(signal: AbortSignal): Promise<Frame | null> {
    return this.#inner.receive(signal);
  }

  /** What has left still arrives. */
  async close(): Promise<void> {
    if (!this.#closing) {
      this.#closing = true;
      this.#room.wakeAll();
      await this.#lastArrival;
    }
    this.#life.abort(closedError(this.peer));
    await this.#inner.close();
  }

  abort(): void {
    this.#closing = true;
    this.#life.abort(closedError(this.peer));
    this.#room.wakeAll();
    this.#inner.abort();
  }

  async #leave(frame: Frame, signal: AbortSignal): Promise<void> {
    const size = frameBytes(frame);
    while (this.#underWayBytes > 0 && this.#underWayBytes + size > this.#windowBytes && !this.#closing)
      await this.#room.wait(signal);
    if (this.#closing) throw closedError(this.peer);
    await this.#serialise(frame);
    if (this.#oneWay === 0) await this.#inner.send(frame, this.#life.signal);
    else this.#launch(frame, size);
  }

  /** Takes the time that the frame's bits need on the line, and any stall or break that falls due. */
  async #serialise(frame: Frame): Promise<void> {
    const { bitsPerSecond = Number.POSITIVE_INFINITY } = this.#impairment;
    const bytes = frame.header.length + frame.body.length;
    this.#sentBytes += bytes;
    this.#breakIfDue();
    await this.#stallIfDue();
    this.#lineFreeAt = Math.max(this.#clock.now(), this.#lineFreeAt) + (8 * bytes) / bitsPerSecond;
    await this.#sleepUntil(this.#lineFreeAt);
  }

  #breakIfDue(): void {
    const limit = this.#impairment.disconnectAfterBytes;
    if (limit === undefined || this.#sentBytes < limit) return;
    this.abort();
    throw new ConnectionError(
      `the link to ${this.peer} broke after ${limit} bytes`,
      'This break was asked for by disconnectAfterBytes.',
    );
  }

  async #stallIfDue(): Promise<void> {
    const stall = this.#impairment.stall;
    if (stall === undefined || this.#stalled || this.#sentBytes < stall.afterBytes) return;
    this.#stalled = true;
    await this.#clock.sleep(seconds(stall.seconds), this.#life.signal);
  }

  /** The sender may reuse its buffers once the frame has left, so what is under way is a copy. */
  #launch(frame: Frame, size: number): void {
    const copy = { header: frame.header.slice(), body: frame.body.slice() };
    const arrivesAt = this.#lineFreeAt + this.#oneWay;
    this.#underWayBytes += size;
    this.#lastArrival = this.#arriving
      .run(this.#life.signal, () => this.#arrive(copy, arrivesAt))
      .catch(() => this.abort())
      .finally(() => {
        this.#underWayBytes -= size;
        this.#room.wakeOne();
      });
  }

  async #arrive(frame: Frame, arrivesAt: number): Promise<void> {
    await this.#sleepUntil(arrivesAt);
    await this.#inner.send(frame, this.#life.signal);
  }

  async #sleepUntil(time: number): Promise<void> {
    const left = time - this.#clock.now();
    if (left > 0) await this.#clock.sleep(seconds(left), this.#life.signal);
  }
}

/** Twice what the line holds, so that pacing and not the window sets the rate. */
function windowBytes({ bitsPerSecond = Number.POSITIVE_INFINITY, oneWaySeconds = 0 }: Impairment): number {
  const lineBytes = (bitsPerSecond / 8) * oneWaySeconds;
  return Math.min(largestWindowBytes, Math.max(smallestWindowBytes, 2 * lineBytes || 0));
}
