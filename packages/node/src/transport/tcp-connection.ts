import type { OnReadOpts, Socket } from 'node:net';
import { TandemError } from '@tandem/core';
import { type Connection, closedError, type Frame, type FrameLimits, lostError } from '@tandem/runtime';
import { breakWhenStuck, type Grace, unlessWithin } from './break-when-stuck.ts';
import { InboundFrames, type InboundOptions } from './inbound-frames.ts';
import { opened } from './opened.ts';
import { encodeChecksum, encodePrelude, largeBytes } from './prelude.ts';
import { brokenError } from './socket-error.ts';

export interface TcpConnectionOptions extends Grace, InboundOptions {}

/** Frames over one socket. */
export class TcpConnection implements Connection {
  readonly peer: string;
  /** Resolves when the socket has closed. */
  readonly closed: Promise<unknown>;
  readonly #socket: Socket;
  readonly #options: TcpConnectionOptions;
  readonly #inbound: InboundFrames;
  #closing: Promise<void> | null = null;

  /** `open` gives a socket that reads as it is told; it may still be connecting. */
  constructor(open: (reading: OnReadOpts) => Socket, peer: string, options: TcpConnectionOptions) {
    this.peer = peer;
    this.#options = options;
    this.#inbound = new InboundFrames(peer, options, () => this.#socket.resume());
    this.#socket = open({ buffer: () => this.#inbound.room, callback: (count) => this.#read(count) });
    this.closed = new Promise((resolve) => this.#socket.once('close', resolve));
    this.#watch();
  }

  /** Resolves when the socket has connected; throws as `opened` does. */
  connected(signal: AbortSignal): Promise<void> {
    const giveUp = (): unknown => this.#socket.destroy();
    return opened(this.#socket, 'connect', { address: this.peer, signal, giveUp });
  }

  async send(frame: Frame, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#inbound.hasEnded || !this.#socket.writable) throw closedError(this.peer);
    const endWatch = breakWhenStuck(signal, this.#options, () => this.abort());
    try {
      await this.#write(frame);
    } catch (cause) {
      throw cause instanceof TandemError ? cause : brokenError(this.peer, cause);
    } finally {
      endWatch();
    }
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
    this.#inbound.fail(lostError(this.peer, 'it was broken off'));
    this.#breakOff();
  }

  #watch(): void {
    this.#socket.on('end', () => this.#inbound.endOfBytes());
    this.#socket.on('error', (error) => this.#inbound.fail(brokenError(this.peer, error)));
    this.#socket.on('close', () => this.#inbound.fail(lostError(this.peer, 'the socket closed')));
  }

  /** False where reading is to stop until there is room again. */
  #read(count: number): boolean {
    if (this.#inbound.hasEnded) return true;
    try {
      this.#inbound.filled(count);
    } catch (error) {
      this.#refuse(error);
    }
    return !this.#inbound.isFull;
  }

  #refuse(error: unknown): void {
    this.#inbound.fail(error instanceof TandemError ? error : brokenError(this.peer, error));
    this.#breakOff();
  }

  /** Frames of one turn of the event loop go to the kernel in one call, at the end of the turn, or before with a large body. No body is copied. */
  #write(frame: Frame): Promise<void> {
    const socket = this.#socket;
    const { header, body } = frame;
    return new Promise((resolve, reject) => {
      const written = (error?: Error | null): void => {
        if (error) reject(error);
        else if (socket.destroyed) reject(lostError(this.peer, 'it broke while a frame was sent'));
        else resolve();
      };
      socket.cork();
      const start = encodePrelude(header, body.length);
      if (body.length === 0) {
        socket.write(Buffer.concat([start, encodeChecksum(frame)]), written);
      } else {
        socket.write(start);
        socket.write(body);
        if (body.length >= largeBytes) flush(socket);
        socket.write(encodeChecksum(frame), written);
      }
      process.nextTick(() => socket.uncork());
    });
  }

  /** A reset tells the peer at once; but Node never closes a socket that is reset while its end is under way. */
  #breakOff(): void {
    if (this.#socket.writableEnded) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }

  async #close(): Promise<void> {
    this.#inbound.finish();
    this.#socket.end();
    this.#socket.resume();
    const closed = new AbortController();
    const grace = unlessWithin(this.#options, closed.signal, () => this.#socket.destroy());
    await this.closed;
    closed.abort();
    await grace;
  }
}

/** With what was written before in this turn. */
function flush(socket: Socket): void {
  while (socket.writableCorked > 0) socket.uncork();
}
