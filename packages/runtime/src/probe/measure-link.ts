import { bitsPerSecond, bytes, type Clock, createRandom, quantile, seconds } from '@tandem/core';
import { unexpected } from '../agent/handshake.ts';
import type { Channel } from '../wire/channel.ts';
import type { Message } from '../wire/message.ts';
import { wireLimits } from '../wire/protocol.ts';
import { type LinkMeasurement, probeLimits } from './link-measurement.ts';
import { nextAnswer } from './next-answer.ts';

const pings = 9;
const warmUpPings = 2;
const smallMessages = 200;
const firstBytes = 16_384;

/**
 * Measures the direction in which `channel` sends, to an agent that takes this side for a visitor: small messages and their answers,
 * many small messages in a row, then transfers that grow until one lasts a second or is as large as `probeLimits` lets it be.
 * The caller sets the deadline. Throws what the channel and the peer throw.
 */
export async function measureLink(
  channel: Channel,
  clock: Clock,
  signal: AbortSignal,
): Promise<LinkMeasurement> {
  const meter = new LinkMeter(channel, clock, signal);
  // The peer takes or refuses the measurement now, before much is on its way.
  await meter.send(0);
  const roundTrips: number[] = [];
  for (let ping = 0; ping < warmUpPings + pings; ping++) roundTrips.push(await meter.ping());
  const roundTrip = quantile(roundTrips.slice(warmUpPings), 0.5);
  const small = await meter.sendSmall(smallMessages);
  let [size, took] = [firstBytes, await meter.send(firstBytes)];
  while (took < probeLimits.enoughSeconds && size < probeLimits.transferBytes) {
    const growth = Math.min(16, Math.max(2, (1.2 * probeLimits.enoughSeconds) / Math.max(took, 1e-6)));
    size = Math.min(probeLimits.transferBytes, Math.ceil(size * growth));
    took = await meter.send(size);
  }
  const rate = size / Math.max(took - roundTrip, took / 2, 1e-9);
  const perMessage = (small.seconds - roundTrip) / smallMessages - small.bytes / smallMessages / rate;
  return {
    roundTripSeconds: seconds(roundTrip),
    perMessageSeconds: seconds(Math.max(0, perMessage)),
    bitsPerSecond: bitsPerSecond(8 * rate),
    transferBytes: bytes(size),
    transferSeconds: seconds(took),
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

  /** The same for so many messages of 64 bytes. */
  async sendSmall(count: number): Promise<{ readonly seconds: number; readonly bytes: number }> {
    const body = this.#filling.subarray(0, 64);
    const took = await this.#timed(async () => {
      for (let sent = 1; sent < count; sent++) await this.#fill(body);
      await this.#ask({ kind: 'filler', nonce: ++this.#nonce }, body);
    });
    return { seconds: took, bytes: count * body.length };
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
