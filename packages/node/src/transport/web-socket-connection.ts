import { ProtocolError, TandemError } from '@tandem/core';
import {
  type Connection,
  closedError,
  type Frame,
  type FrameLimits,
  lostError,
  Turns,
} from '@tandem/runtime';
import type { WebSocket } from 'ws';
import { breakWhenStuck, type Grace, unlessWithin } from './break-when-stuck.ts';
import { InboundFrames, type InboundOptions } from './inbound-frames.ts';
import { encodeChecksum, encodePrelude, largeBytes } from './prelude.ts';
import { brokenError } from './socket-error.ts';

export interface WebSocketConnectionOptions extends Grace, InboundOptions {}

/** The longest message in either direction; ws refuses longer ones before it has allocated them. */
export const messageBytes: number = 2 ** 18;

/** Answers to pings wait nowhere: a peer that asks without reading gets none. */
const pongBytes = 2 ** 16;

/**
 * Frames over one WebSocket: the bytes are those that go over TCP, cut into binary messages of at most `messageBytes`. So a frame's
 * lengths are known and checked before there is memory for it, and reading can stop in the middle of one.
 */
export class WebSocketConnection implements Connection {
  readonly peer: string;
  readonly #socket: WebSocket;
  readonly #options: WebSocketConnectionOptions;
  readonly #inbound: InboundFrames;
  readonly #sending: Turns = new Turns();
  readonly #closed: Promise<unknown>;
  #closing: Promise<void> | null = null;

  /** `socket` may still be connecting. */
  constructor(socket: WebSocket, peer: string, options: WebSocketConnectionOptions) {
    this.peer = peer;
    this.#socket = socket;
    this.#options = options;
    this.#inbound = new InboundFrames(peer, options, () => this.#resume());
    this.#closed = new Promise((resolve) => socket.once('close', resolve));
    this.#watch();
  }

  async send(frame: Frame, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#requireOpen();
    await this.#sending.run(signal, async () => {
      this.#requireOpen();
      const endWatch = breakWhenStuck(signal, this.#options, () => this.abort());
      try {
        await this.#write(frame);
      } finally {
        endWatch();
      }
    });
  }

  allow(limits: FrameLimits): void {
    this.#inbound.allow(limits);
  }

  receive(signal: AbortSignal): Promise<Frame | null> {
    return this.#inbound.take(signal);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  abort(): void {
    this.#inbound.discard();
    this.#breakOff(lostError(this.peer, 'it was broken off'));
  }

  #watch(): void {
    this.#socket.on('message', (data: Buffer, isBinary: boolean) => this.#read(data, isBinary));
    this.#socket.on('ping', (data: Buffer) => {
      if (this.#socket.bufferedAmount < pongBytes) this.#socket.pong(data);
    });
    this.#socket.on('error', (error) => this.#breakOff(inboundError(this.peer, error)));
    this.#socket.on('close', (code) => this.#endInbound(code));
  }

  #read(data: Buffer, isBinary: boolean): void {
    if (this.#inbound.hasEnded) return;
    try {
      if (!isBinary) throw notBinary(this.peer);
      this.#inbound.read(data);
    } catch (error) {
      this.#breakOff(error instanceof TandemError ? error : brokenError(this.peer, error));
    }
    if (this.#inbound.isFull) this.#socket.pause();
  }

  #endInbound(code: number): void {
    if (!orderlyCodes.has(code)) this.#inbound.fail(lostError(this.peer, `the WebSocket closed (${code})`));
    else this.#inbound.endOfBytes();
  }

  /** One message at a time waits for the kernel, so at most `messageBytes` are buffered here. */
  async #write(frame: Frame): Promise<void> {
    const { header, body } = frame;
    const start = encodePrelude(header, body.length);
    if (start.length + body.length < largeBytes)
      return await this.#writePiece(Buffer.concat([start, body, encodeChecksum(frame)]));
    for (const part of [start, body]) {
      for (let at = 0; at < part.length; at += messageBytes) {
        await this.#writePiece(part.subarray(at, at + messageBytes));
      }
    }
    await this.#writePiece(encodeChecksum(frame));
  }

  #writePiece(piece: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.send(piece, { binary: true }, (cause) => {
        if (cause) reject(lostError(this.peer, 'it broke while a frame was sent', cause));
        else resolve();
      });
    });
  }

  /** ws takes no `resume` for a socket that never opened. */
  #resume(): void {
    if (this.#socket.isPaused) this.#socket.resume();
  }

  #requireOpen(): void {
    if (this.#inbound.hasEnded || this.#socket.readyState !== this.#socket.OPEN) throw closedError(this.peer);
  }

  #breakOff(reason: TandemError): void {
    this.#inbound.fail(reason);
    this.#socket.terminate();
  }

  /** Frames whose sending has begun are sent whole first, as far as the grace allows. */
  async #close(): Promise<void> {
    this.#inbound.finish();
    const closed = new AbortController();
    const grace = unlessWithin(this.#options, closed.signal, () => this.#socket.terminate());
    await this.#sending.run(closed.signal, async () => this.#socket.close(orderly));
    this.#resume();
    await this.#closed;
    closed.abort();
    await grace;
  }
}

const orderly = 1000;
/** Done, going away, and closed without a word why. */
const orderlyCodes: ReadonlySet<number> = new Set([orderly, 1001, 1005]);

/** ws names what breaks the WebSocket protocol WS_ERR_…; everything else is the network's. */
function inboundError(peer: string, cause: Error): TandemError {
  const code = 'code' in cause ? String(cause.code) : '';
  if (!code.startsWith('WS_ERR')) return brokenError(peer, cause);
  return new ProtocolError(
    `${peer} broke the WebSocket protocol: ${cause.message}`,
    'Check that the peer is a Tandem of the same version.',
    { cause },
  );
}

function notBinary(peer: string): ProtocolError {
  return new ProtocolError(
    `${peer} sent a text message, expected binary ones`,
    'Check that the peer is a Tandem of the same version.',
  );
}
