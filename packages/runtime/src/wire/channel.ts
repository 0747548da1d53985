import { ProtocolError } from '@tandem/core';
import { matrixBytes } from '../gateway/deployed-decision.ts';
import type { Connection, Frame, FrameLimits } from '../transport/transport.ts';
import type { Message } from './message.ts';
import { decodeMessage, encodeMessage } from './message-codec.ts';
import { wireLimits } from './protocol.ts';
import { codedBodyBytes } from './tensor-body.ts';

/** A message with the bytes that belong to it: a tensor's elements, a piece of a segment, what decisions know; empty for all others. */
export interface Received {
  readonly message: Message;
  /** Owned by the receiver. */
  readonly body: Uint8Array<ArrayBuffer>;
  /** Frame.receivedSeconds */
  readonly receivedSeconds: number | null;
}

const noBody: Uint8Array<ArrayBuffer> = new Uint8Array(0);

/** Messages over a connection. */
export class Channel {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  get peer(): string {
    return this.#connection.peer;
  }

  /** As Connection.send: messages leave in the order of the calls, and `body` is left alone until this resolves. */
  async send(message: Message, signal: AbortSignal, body: Uint8Array<ArrayBuffer> = noBody): Promise<void> {
    await this.#connection.send({ header: encodeMessage(message), body }, signal);
  }

  /** The next message; null after an orderly close. Throws ProtocolError when it is not one or its body has another length. */
  async receive(signal: AbortSignal): Promise<Received | null> {
    const frame = await this.#connection.receive(signal);
    return frame === null ? null : openFrame(frame);
  }

  /** The peer has said who it is: it may send whatever the protocol allows to its kind. */
  trust(limits: FrameLimits): void {
    this.#connection.allow(limits);
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  abort(): void {
    this.#connection.abort();
  }
}

function openFrame({ header, body, receivedSeconds }: Frame): Received {
  const message = decodeMessage(header);
  checkBody(message, body.length);
  return { message, body, receivedSeconds: receivedSeconds ?? null };
}

function expectedBytes(message: Message): number {
  switch (message.kind) {
    case 'tensor':
      return codedBodyBytes(message);
    case 'deploy':
      return matrixBytes(message.deployment.decisions ?? []);
    case 'centres':
      return Float32Array.BYTES_PER_ELEMENT * message.labels.length * message.channels;
    default:
      return 0;
  }
}

function checkBody(message: Message, length: number): void {
  if (message.kind === 'segment-chunk') return;
  if (message.kind === 'filler' && length <= wireLimits.chunkBytes) return;
  const expected = expectedBytes(message);
  const isCompressed = message.kind === 'tensor' && message.codec.lossless !== undefined;
  if (length === expected || (isCompressed && length < expected)) return;
  const what = message.kind === 'tensor' ? `tensor ${message.tensor}` : `a '${message.kind}' message`;
  throw new ProtocolError(
    `${what} came with ${length} bytes, expected ${expected}`,
    'Check that the peer is a Tandem agent or gateway of the same version.',
  );
}
