import { type Clock, seconds } from '@tandem/core';
import { underEither } from '../either-signal.ts';
import { Turns } from '../turns.ts';
import { DelayLine } from './delay-line.ts';
import { closedError, frameBytes, lostError } from './frame-queue.ts';
import type { Connection, Frame, FrameLimits } from './transport.ts';

/** What a link does to the frames that are sent over it, in one direction. Absent = nothing. */
export interface Impairment {
  /** Rate at which bits leave, bit/s. @default unlimited */
  readonly bitsPerSecond?: number;
  /** Time from the last bit's leaving to its arrival. @default 0 */
  readonly oneWaySeconds?: number;
  /** The frame that brings the bytes sent to `afterBytes` first waits for `seconds` (Infinity = for good). */
  readonly stall?: { readonly afterBytes: number; readonly seconds: number };
  /** The frame that would bring the bytes sent to this many breaks the connection instead. */
  readonly disconnectAfterBytes?: number;
}

/**
 * The same connection behind a slower link. Frames leave at `bitsPerSecond`, header and body counted, one after the other; `send`
 * resolves when the last bit has left, and `oneWaySeconds` later it arrives. What is under way is bounded, so a peer that does not
 * read still holds the sender back. A send that is aborted before its last bit has left delivers nothing. Frames received are not
 * touched: impair the other end for the other direction.
 */
export function impair(connection: Connection, impairment: Impairment, clock: Clock): Connection {
  return isUnimpaired(impairment) ? connection : new ImpairedConnection(connection, impairment, clock);
}

function isUnimpaired({ bitsPerSecond, oneWaySeconds, stall, disconnectAfterBytes }: Impairment): boolean {
  const unlimited = bitsPerSecond === undefined || bitsPerSecond === Number.POSITIVE_INFINITY;
  return unlimited && !oneWaySeconds && stall === undefined && disconnectAfterBytes === undefined;
}

class ImpairedConnection implements Connection {
  readonly peer: string;
  readonly #inner: Connection;
  readonly #clock: Clock;
  readonly #impairment: Impairment;
  readonly #leaving: Turns = new Turns();
  readonly #life: AbortController = new AbortController();
  readonly #line: DelayLine;
  #sentBytes = 0;
  #lineFreeAt = 0;
  #stalled = false;
  #peerHasClosed = false;
  #closing: Promise<void> | null = null;

  constructor(inner: Connection, impairment: Impairment, clock: Clock) {
    this.peer = inner.peer;
    this.#inner = inner;
    this.#clock = clock;
    this.#impairment = impairment;
    this.#line = new DelayLine({
      windowBytes: windowBytes(impairment),
      deliver: (frame, arrivesAt) => this.#deliver(frame, arrivesAt),
      onFailure: () => this.abort(),
    });
  }

  async send(frame: Frame, signal: AbortSignal): Promise<void> {
    if (this.#closing !== null || this.#peerHasClosed) throw closedError(this.peer);
    const askedAt = this.#clock.now();
    await this.#leaving.run(signal, () =>
      underEither(signal, this.#life.signal, (either) => this.#leave(frame, askedAt, either)),
    );
  }

  allow(limits: FrameLimits): void {
    this.#inner.allow(limits);
  }

  async receive(signal: AbortSignal): Promise<Frame | null> {
    const frame = await this.#inner.receive(signal);
    if (frame === null) this.#peerHasClosed = true;
    return frame;
  }

  /** What has left still arrives. */
  close(): Promise<void> {
    this.#closing ??= this.#line.drained().then(() => {
      this.#life.abort(closedError(this.peer));
      return this.#inner.close();
    });
    return this.#closing;
  }

  abort(): void {
    this.#life.abort(lostError(this.peer, 'it was broken off'));
    this.#inner.abort();
  }

  async #leave(frame: Frame, askedAt: number, signal: AbortSignal): Promise<void> {
    const waited = await this.#line.room(frameBytes(frame), signal);
    await this.#serialise(frame, waited ? this.#clock.now() : askedAt, signal);
    const { oneWaySeconds = 0 } = this.#impairment;
    if (oneWaySeconds === 0) await this.#inner.send(frame, signal);
    else this.#line.launch(frame, this.#lineFreeAt + oneWaySeconds);
  }

  /** Takes the time that the frame's bits need on the line, and any stall or break that falls due. */
  async #serialise(frame: Frame, readyAt: number, signal: AbortSignal): Promise<void> {
    const { bitsPerSecond = Number.POSITIVE_INFINITY } = this.#impairment;
    const bytes = frame.header.length + frame.body.length;
    this.#sentBytes += bytes;
    this.#breakIfDue();
    const startsAt = (await this.#stallIfDue(signal)) ? this.#clock.now() : readyAt;
    const leftAt = Math.max(startsAt, this.#lineFreeAt) + (8 * bytes) / bitsPerSecond;
    await this.#sleepUntil(leftAt, signal);
    this.#lineFreeAt = leftAt;
  }

  #breakIfDue(): void {
    const { disconnectAfterBytes = Number.POSITIVE_INFINITY } = this.#impairment;
    if (this.#sentBytes < disconnectAfterBytes) return;
    this.abort();
    throw lostError(this.peer, `the link breaks after ${disconnectAfterBytes} bytes`);
  }

  async #stallIfDue(signal: AbortSignal): Promise<boolean> {
    const stall = this.#impairment.stall;
    if (stall === undefined || this.#stalled || this.#sentBytes < stall.afterBytes) return false;
    await this.#clock.sleep(seconds(stall.seconds), signal);
    this.#stalled = true;
    return true;
  }

  async #deliver(frame: Frame, arrivesAt: number): Promise<void> {
    await this.#sleepUntil(arrivesAt, this.#life.signal);
    await this.#inner.send(frame, this.#life.signal);
  }

  async #sleepUntil(time: number, signal: AbortSignal): Promise<void> {
    const left = time - this.#clock.now();
    if (left > 0) await this.#clock.sleep(seconds(left), signal);
  }
}

const smallestWindowBytes = 2 ** 20;
const largestWindowBytes = 2 ** 24;

/** Twice what the line holds, so that pacing and not the window sets the rate. */
function windowBytes({ bitsPerSecond = Number.POSITIVE_INFINITY, oneWaySeconds = 0 }: Impairment): number {
  const lineBytes = oneWaySeconds === 0 ? 0 : (bitsPerSecond / 8) * oneWaySeconds;
  return Math.min(largestWindowBytes, Math.max(smallestWindowBytes, 2 * lineBytes));
}
