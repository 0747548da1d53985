import { bitsPerSecond, bytes, type Clock, createRandom, seconds } from '@tandem/core';
import { unexpected } from '../agent/handshake.ts';
import type { Channel } from '../wire/channel.ts';
import type { Message } from '../wire/message.ts';
import { wireLimits } from '../wire/protocol.ts';
import { type LinkMeasurement, probeLimits } from './link-measurement.ts';
import { nextAnswer } from './next-answer.ts';

const pings = 11;
const smallBytes = 16_384;
const repetitions = 5;
/** Between transfers: what shapes a link lets the first bytes of each through as it does between requests. */
const pauseSeconds = seconds(0.02);

/**
 * Measures the direction in which `channel` sends, to an agent that takes this side for a visitor: small messages and their answers,
 * transfers that grow until one is long enough or as large as `probeLimits` lets it be, then small and such large ones in turn, each
 * alone. Of each kind the least time counts: whatever else runs only adds to it. The caller sets the deadline. Throws what the channel
 * and the peer throw.
 */
export async function measureLink(
  channel: Channel,
  clock: Clock,
  signal: AbortSignal,
): Promise<LinkMeasurement> {
  const meter = new LinkMeter(channel, clock, signal);
  // The peer takes or refuses the measurement now, before much is on its way.
  await meter.send(0);
  let roundTrip = Number.POSITIVE_INFINITY;
  for (let ping = 0; ping < pings; ping++) roundTrip = Math.min(roundTrip, await meter.ping());
  const start = clock.now();
  const { enoughSeconds, transferBytes, repeatSeconds } = probeLimits;
  let small = await meter.send(smallBytes);
  let [size, large] = [smallBytes, small];
  for (let own = small - roundTrip; size === smallBytes || (own < enoughSeconds && size < transferBytes); ) {
    const growth = Math.min(16, Math.max(2, (1.2 * enoughSeconds) / Math.max(own, 1e-6)));
    size = Math.min(transferBytes, Math.ceil(size * growth));
    large = await meter.send(size);
    own = large - roundTrip;
  }
  for (let sent = 1; sent < repetitions && clock.now() - start < repeatSeconds; sent++) {
    small = Math.min(small, await meter.sendAlone(smallBytes));
    large = Math.min(large, await meter.sendAlone(size));
  }
  return linkOf({ bytes: smallBytes, seconds: small }, { bytes: size, seconds: large }, roundTrip);
}

interface Transfer {
  readonly bytes: number;
  /** Until the answer. */
  readonly seconds: number;
}

/** The line through two transfers. Where it begins below nothing, a bucket of tokens lets the first bytes through at once. */
export function linkOf(small: Transfer, large: Transfer, roundTripSeconds: number): LinkMeasurement {
  const secondsPerByte = Math.max(1e-12, (large.seconds - small.seconds) / (large.bytes - small.bytes));
  const perMessage = small.seconds - small.bytes * secondsPerByte - roundTripSeconds;
  return {
    roundTripSeconds: seconds(roundTripSeconds),
    perMessageSeconds: seconds(Math.max(0, perMessage)),
    burstBytes: bytes(Math.round(Math.max(0, -perMessage) / secondsPerByte)),
    bitsPerSecond: bitsPerSecond(8 / secondsPerByte),
    transferBytes: bytes(large.bytes),
    transferSeconds: seconds(large.seconds),
  };
}

class LinkMeter {
  readonly #channel: Channel;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  /** Nothing that a link could compress. */
  readonly #filling: Uint8Array<ArrayBuffer>;
  #nonce = 0;

  constructor(channel: Channel, clock: Clock, signal: AbortSignal) {
    this.#channel = channel;
    this.#clock = clock;
    this.#signal = signal;
    const random = createRandom(1);
    this.#filling = Uint8Array.from({ length: wireLimits.chunkBytes }, () => random.integer(256));
  }

  /** Right after the one before: a side that has rested wakes up while the first bytes of a transfer are on their way. */
  ping(): Promise<number> {
    return this.#timed(() => this.#ask({ kind: 'ping', nonce: ++this.#nonce }));
  }

  /** Time until the peer has all of so many bytes and says so. */
  send(size: number): Promise<number> {
    return this.#timed(async () => {
      let left = size;
      for (; left > this.#filling.length; left -= this.#filling.length) await this.#fill(this.#filling);
      await this.#ask({ kind: 'filler', nonce: ++this.#nonce }, this.#filling.subarray(0, left));
    });
  }

  async sendAlone(size: number): Promise<number> {
    await this.#clock.sleep(pauseSeconds, this.#signal);
    return await this.send(size);
  }

  async #fill(body: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#channel.send({ kind: 'filler', nonce: null }, this.#signal, body);
  }

  async #ask(message: Message, body?: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#channel.send(message, this.#signal, body);
    const answer = await nextAnswer(this.#channel, this.#signal);
    if (answer.kind !== 'pong' || answer.nonce !== this.#nonce)
      throw unexpected(answer, 'the answer of a measurement', this.#channel.peer);
  }

  async #timed(work: () => Promise<void>): Promise<number> {
    const start = this.#clock.now();
    await work();
    return Math.max(0, this.#clock.now() - start);
  }
}
