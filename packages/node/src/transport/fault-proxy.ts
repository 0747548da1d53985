import { connect, createServer, type Server, type Socket } from 'node:net';
import { formatAddress, parseAddress } from './address.ts';
import { bind, boundPort } from './bind.ts';

const host = '127.0.0.1';

/**
 * Stands before an agent, at an address that stays when the agent is started again elsewhere, and does to its connections what networks
 * do: carries nothing without a word (`cut`), carries little (`limit`), flips a bit (`damageNext`).
 */
export class FaultProxy {
  /** 'HOST:PORT' of the agent; connections from now on go there. */
  target: string;
  readonly #server: Server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
    this.#accept(socket),
  );
  readonly #pairs: Set<Pair> = new Set();
  /** Those that came while the link was cut. */
  readonly #waiting: Set<Socket> = new Set();
  #state: LinkState = { isCut: false, bitsPerSecond: Number.POSITIVE_INFINITY };
  #damage: ((chunk: Buffer) => void) | null = null;

  private constructor(target: string) {
    this.target = target;
  }

  /** Throws ResourceError when nothing can listen. */
  static async open(target: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(target);
    await bind(proxy.#server, `${host}:0`, { host, port: 0 });
    return proxy;
  }

  get address(): string {
    return formatAddress({ host, port: boundPort(this.#server) });
  }

  /** Nothing goes either way any more, and nobody is told. */
  cut(): void {
    this.#set({ ...this.#state, isCut: true });
  }

  mend(): void {
    this.#set({ ...this.#state, isCut: false });
    for (const socket of this.#waiting) this.#join(socket);
    this.#waiting.clear();
  }

  /** Bits a second of each connection, each way. */
  limit(bitsPerSecond: number): void {
    this.#set({ ...this.#state, bitsPerSecond });
  }

  /** Flips a bit in the next piece that goes to the agent: bit `at` of it, counted round. Resolves when that has been done. */
  damageNext(at: number): Promise<void> {
    return new Promise((resolve) => {
      this.#damage = (chunk) => {
        const bit = at % (8 * chunk.length);
        chunk[bit >> 3] = (chunk[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        resolve();
      };
    });
  }

  /** Breaks every connection off; idempotent. */
  async close(): Promise<void> {
    for (const socket of this.#waiting) socket.destroy();
    for (const pair of this.#pairs) pair.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #set(state: LinkState): void {
    this.#state = state;
    for (const pair of this.#pairs) pair.follow(state);
  }

  #accept(socket: Socket): void {
    socket.on('error', () => undefined);
    if (!this.#state.isCut) return this.#join(socket);
    this.#waiting.add(socket);
    socket.once('close', () => this.#waiting.delete(socket));
  }

  #join(socket: Socket): void {
    const agent = connect({ ...parseAddress(this.target, 1), allowHalfOpen: true, noDelay: true });
    const pair = new Pair(socket, agent, this.#state, (chunk) => this.#touch(chunk));
    this.#pairs.add(pair);
    pair.onEnd = () => this.#pairs.delete(pair);
  }

  #touch(chunk: Buffer): void {
    this.#damage?.(chunk);
    this.#damage = null;
  }
}

interface LinkState {
  readonly isCut: boolean;
  readonly bitsPerSecond: number;
}

/** A peer's connection and the one to the agent that it continues in. */
class Pair {
  onEnd: () => void = () => undefined;
  readonly #sockets: readonly [Socket, Socket];
  #state: LinkState;
  /** An end broke while the link was cut: the other learns it afterwards. */
  #broken = false;

  constructor(peer: Socket, agent: Socket, state: LinkState, onWay: (chunk: Buffer) => void) {
    this.#sockets = [peer, agent];
    this.#state = state;
    this.#forward(peer, agent, onWay);
    this.#forward(agent, peer, () => undefined);
    for (const [socket, other] of [
      [peer, agent],
      [agent, peer],
    ] as const) {
      socket.on('error', () => undefined);
      socket.once('close', (hadError) => (hadError ? this.#break() : this.#finish(other)));
    }
  }

  follow(state: LinkState): void {
    this.#state = state;
    for (const socket of this.#sockets) if (state.isCut) socket.pause();
    if (state.isCut) return;
    if (this.#broken) this.destroy();
    else for (const socket of this.#sockets) socket.resume();
  }

  destroy(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
    this.onEnd();
  }

  #forward(from: Socket, to: Socket, onWay: (chunk: Buffer) => void): void {
    from.on('data', (chunk: Buffer) => {
      onWay(chunk);
      const milliseconds = (8000 * chunk.length) / this.#state.bitsPerSecond;
      if (to.write(chunk) && milliseconds === 0) return;
      from.pause();
      const resume = (): void => {
        if (to.writableNeedDrain) to.once('drain', resume);
        else if (!this.#state.isCut) from.resume();
      };
      setTimeout(resume, milliseconds);
    });
    from.on('end', () => to.end());
  }

  #finish(other: Socket): void {
    if (other.destroyed) this.onEnd();
    else other.end();
  }

  #break(): void {
    this.#broken = true;
    if (!this.#state.isCut) this.destroy();
  }
}
