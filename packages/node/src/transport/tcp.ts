import { connect, createServer, type OnReadOpts, type Socket } from 'node:net';
import type { Clock } from '@tandem/core';
import {
  type Connection,
  type DialOptions,
  type FrameLimits,
  type Listener,
  type ListenOptions,
  SpareBuffers,
  type Transport,
} from '@tandem/runtime';
import { systemClock } from '../clock/system-clock.ts';
import { acceptedSocket } from './accepted-socket.ts';
import { formatAddress, parseAddress, peerOf } from './address.ts';
import { bind, boundPort, closeAll } from './bind.ts';
import { TcpConnection } from './tcp-connection.ts';

export interface TcpOptions {
  /** @default systemClock */
  readonly clock?: Clock;
  /** How long a closing connection, or a frame that was aborted half-way, may still take, s. @default 2 */
  readonly graceSeconds?: number;
  /** What bodies are read into, where whoever receives them gives them back. @default fresh memory */
  readonly spare?: SpareBuffers;
}

/** Sockets between processes: the fast path. Addresses are 'HOST:PORT', IPv6 hosts in brackets; port 0 takes any free one. */
export function tcp(options: TcpOptions = {}): Transport {
  const { clock = systemClock, graceSeconds = 2, spare = new SpareBuffers() } = options;
  const connection = (
    open: (reading: OnReadOpts) => Socket,
    peer: string,
    limits: FrameLimits,
  ): TcpConnection => new TcpConnection(open, peer, { limits, clock, graceSeconds, spare });
  return {
    name: 'tcp',
    listen: (address, onConnection, { limits }: ListenOptions) =>
      listen(address, (socket) => {
        const accepted = connection((reading) => acceptedSocket(socket, reading), peerOf(socket), limits);
        onConnection(accepted);
        return accepted;
      }),
    dial: async (address, { limits, signal }: DialOptions): Promise<Connection> => {
      const target = { ...parseAddress(address, 1), ...socketOptions };
      signal.throwIfAborted();
      const dialled = connection((onread) => connect({ ...target, onread }), address, limits);
      await dialled.connected(signal);
      return dialled;
    },
  };
}

/** Small frames must not wait for each other, and a peer that vanished without a word has to be noticed some time. */
const socketOptions = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 10_000 } as const;

async function listen(address: string, accept: (socket: Socket) => TcpConnection): Promise<Listener> {
  const target = parseAddress(address, 0);
  const connections = new Set<TcpConnection>();
  const server = createServer({ ...socketOptions, pauseOnConnect: true }, (socket) => {
    const connection = accept(socket);
    connections.add(connection);
    void connection.closed.then(() => connections.delete(connection));
  });
  await bind(server, address, target);
  return {
    address: formatAddress({ host: target.host, port: boundPort(server) }),
    close: () => closeAll(server, connections),
  };
}
