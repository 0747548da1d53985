import { errorRecord, ProtocolError, ResourceError } from '@tandem/core';
import type { SegmentManifest, SegmentReceiver, SegmentStore } from '../segment/segment.ts';
import type { Message } from '../wire/message.ts';

/** Segments on their way from the gateway into the store; questions get their answer, never an exception. */
export class SegmentIntake {
  readonly #store: SegmentStore;
  readonly #limit: number;
  readonly #signal: AbortSignal;
  readonly #arriving: Map<string, SegmentReceiver> = new Map();
  /** Refused while chunks were on their way: those are ignored, and the segment's end is answered with the reason. */
  readonly #refused: Map<string, Message> = new Map();

  constructor(store: SegmentStore, limit: number, signal: AbortSignal) {
    this.#store = store;
    this.#limit = limit;
    this.#signal = signal;
  }

  async offer(manifest: SegmentManifest): Promise<Message> {
    const { digest } = manifest;
    try {
      if ((await this.#store.find(digest)) !== null) return { kind: 'segment-have', digest };
      this.#checkRoom(digest);
      this.#arriving.set(digest, await this.#store.receive(manifest, this.#signal));
      this.#refused.delete(digest);
      return { kind: 'segment-wanted', digest };
    } catch (error) {
      return refused(digest, error);
    }
  }

  /** The next bytes of a part. What is wrong with them is the answer to the segment's end. */
  async chunk(digest: string, part: string, bytes: Uint8Array): Promise<void> {
    if (this.#refused.has(digest)) return;
    try {
      await this.#receiver(digest).write(part, bytes);
    } catch (error) {
      await this.#giveUp(digest);
      if (this.#refused.size < rememberedRefusals) this.#refused.set(digest, refused(digest, error));
    }
  }

  async end(digest: string): Promise<Message> {
    const refusal = this.#refused.get(digest);
    if (this.#refused.delete(digest) && refusal !== undefined) return refusal;
    try {
      await this.#receiver(digest).finish();
      this.#arriving.delete(digest);
      return { kind: 'segment-have', digest };
    } catch (error) {
      await this.#giveUp(digest);
      return refused(digest, error);
    }
  }

  /** Drops what has not arrived completely. */
  async close(): Promise<void> {
    await Promise.all([...this.#arriving.keys()].map((digest) => this.#giveUp(digest)));
  }

  #receiver(digest: string): SegmentReceiver {
    const receiver = this.#arriving.get(digest);
    if (receiver !== undefined) return receiver;
    throw new ProtocolError(
      `bytes of segment ${digest} came without an offer, or after its end`,
      'Offer a segment before sending it.',
    );
  }

  async #giveUp(digest: string): Promise<void> {
    const receiver = this.#arriving.get(digest);
    this.#arriving.delete(digest);
    await receiver?.abandon();
  }

  #checkRoom(digest: string): void {
    if (this.#arriving.has(digest)) {
      throw new ProtocolError(`segment ${digest} is arriving already`, 'Offer a segment once.');
    }
    if (this.#arriving.size < this.#limit) return;
    throw new ResourceError(
      `segment ${digest} was offered while ${this.#limit} others arrive, expected fewer at once`,
      'Send segments one after the other.',
    );
  }
}

const rememberedRefusals = 1024;

const refused = (digest: string, error: unknown): Message => ({
  kind: 'segment-refused',
  digest,
  error: errorRecord(error),
});
