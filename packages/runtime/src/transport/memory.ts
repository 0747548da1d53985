import {
  type Clock,
  ConnectionError,
  InvalidInputError,
  ResourceError,
  type TandemError,
} from '@tandem/core';
import { Turns } from '../turns.ts';
import { WaitingList } from '../waiting-list.ts';
import { closedError, copyOf, FrameQueue, lostError, tooLong } from './frame-queue.ts';
import { type Impairment, impair } from './impair.ts';
import type {
  Connection,
  DialOptions,
  Frame,
  FrameLimits,
  Listener,
  ListenOptions,
  Transport,
} from './transport.ts';

/** The conditions of the network between any two ends, each direction on its own; none = as fast as memory. */
export interface MemoryTransportOptions extends Impairment {
  readonly clock: Clock;
  /** What a direction holds before a sender has to wait, bytes. @default 1 MiB */
  readonly bufferBytes?: number;
}

/**
 * Connects both ends within one process: the embedded default, and the network of tests. Addresses are any text, known to this one
 * transport only; one that ends in ':0' is given a number of its own. A frame is copied once, so that each end owns its bytes.
 */
export function memoryTransport(options?: MemoryTransportOptions): Transport {
  const listeners = new Map<string, MemoryListener>();
  let lastPort = 0;

  function listen(
    address: string,
    onConnection: (connection: Connection) => void,
    { limits }: ListenOptions,
  ) {
    const bound = address.endsWith(':0') ? `${address.slice(0, -1)}${++lastPort}` : address;
    if (bound === '') throw emptyAddress();
    if (listeners.has(bound)) throw takenAddress(bound);
    const listener = new MemoryListener(bound, onConnection, limits, () => listeners.delete(bound));
    listeners.set(bound, listener);
    return listener;
  }

  function dial(address: string, { limits, signal }: DialOptions): Connection {
    signal.throwIfAborted();
    const listener = listeners.get(address);
    if (listener === undefined) throw nobodyAt(address);
    const [near, far] = connect(address, limits, listener.limits, options?.bufferBytes ?? defaultBufferBytes);
    listener.accept(options === undefined ? far : impair(far, options, options.clock));
    return options === undefined ? near : impair(near, options, options.clock);
  }

  return {
    name: 'memory',
    listen: async (address, onConnection, listenOptions): Promise<Listener> =>
      listen(address, onConnection, listenOptions),
    dial: async (address, dialOptions) => dial(address, dialOptions),
  };
}

const defaultBufferBytes = 2 ** 20;

class MemoryListener implements Listener {
  readonly address: string;
  readonly limits: FrameLimits;
  readonly #onConnection: (connection: Connection) => void;
  readonly #onClose: () => void;
  readonly #accepted: Connection[] = [];

  constructor(
    address: string,
    onConnection: (connection: Connection) => void,
    limits: FrameLimits,
    onClose: () => void,
  ) {
    this.address = address;
    this.limits = limits;
    this.#onConnection = onConnection;
    this.#onClose = onClose;
  }

  accept(connection: Connection): void {
    this.#accepted.push(connection);
    this.#onConnection(connection);
  }

  async close(): Promise<void> {
    this.#onClose();
    await Promise.all(this.#accepted.splice(0).map((connection) => connection.close()));
  }
}

/** One direction: a queue towards the reader, and the writers that wait for room in it. */
class Direction {
  limits: FrameLimits;
  readonly queue: FrameQueue;
  readonly #room: WaitingList = new WaitingList();
  readonly #writing: Turns = new Turns();

  constructor(readerLimits: FrameLimits, bufferBytes: number) {
    this.limits = readerLimits;
    this.queue = new FrameQueue(bufferBytes, () => this.#room.wakeAll());
  }

  write(frame: Frame, peer: string, signal: AbortSignal): Promise<void> {
    return this.#writing.run(signal, async () => {
      while (this.queue.isFull) await this.#room.wait(signal);
      if (this.queue.hasEnded) throw closedError(peer);
      this.queue.add(copyOf(frame));
    });
  }
}

function connect(
  address: string,
  nearLimits: FrameLimits,
  farLimits: FrameLimits,
  bufferBytes: number,
): readonly [Connection, Connection] {
  const outward = new Direction(farLimits, bufferBytes);
  const inward = new Direction(nearLimits, bufferBytes);
  return [
    new MemoryConnection(address, outward, inward),
    new MemoryConnection(`the dialler of ${address}`, inward, outward),
  ];
}

class MemoryConnection implements Connection {
  readonly peer: string;
  readonly #outward: Direction;
  readonly #inward: Direction;

  constructor(peer: string, outward: Direction, inward: Direction) {
    this.peer = peer;
    this.#outward = outward;
    this.#inward = inward;
  }

  async send(frame: Frame, signal: AbortSignal): Promise<void> {
    const excess = overLimit(frame, this.#outward.limits);
    if (excess !== null) throw this.#break(excess);
    await this.#outward.write(frame, this.peer, signal);
  }

  allow(limits: FrameLimits): void {
    this.#inward.limits = limits;
  }

  receive(signal: AbortSignal): Promise<Frame | null> {
    return this.#inward.queue.take(signal);
  }

  async close(): Promise<void> {
    this.#outward.queue.finish();
    this.#inward.queue.finish();
  }

  abort(): void {
    this.#inward.queue.discard();
    this.#break(lostError('the other end', 'it was aborted there'));
  }

  /** The reader learns why; this end learns that the connection is gone, as it would over a network. */
  #break(reason: TandemError): ConnectionError {
    const lost = lostError(this.peer, 'it was broken off');
    this.#outward.queue.fail(reason);
    this.#inward.queue.fail(lost);
    return lost;
  }
}

function overLimit({ header, body }: Frame, limits: FrameLimits): TandemError | null {
  if (header.length > limits.headerBytes) return tooLong('header', header.length, limits.headerBytes);
  return body.length > limits.bodyBytes ? tooLong('body', body.length, limits.bodyBytes) : null;
}

function emptyAddress(): InvalidInputError {
  return new InvalidInputError(
    'the address to listen at is empty, expected a name',
    "Give a name such as 'memory:0'.",
  );
}

function takenAddress(address: string): ResourceError {
  return new ResourceError(`somebody listens at ${address} already`, 'Choose another address.');
}

function nobodyAt(address: string): ConnectionError {
  return new ConnectionError(`nobody listens at ${address}`, 'Start the peer, or correct the address.');
}
