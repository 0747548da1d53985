import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Clock, InvalidInputError } from '@tandem/core';
import {
  type Connection,
  type DialOptions,
  type Listener,
  SpareBuffers,
  type Transport,
} from '@tandem/runtime';
import { WebSocket, WebSocketServer } from 'ws';
import { systemClock } from '../clock/system-clock.ts';
import { formatAddress, parseAddress, peerOf, type SocketAddress } from './address.ts';
import { bind, boundPort, closeAll } from './bind.ts';
import { opened } from './opened.ts';
import { messageBytes, WebSocketConnection } from './web-socket-connection.ts';

export interface WebSocketOptions {
  /** @default systemClock */
  readonly clock?: Clock;
  /** How long a closing connection, or a frame that was aborted half-way, may still take, s. @default 2 */
  readonly graceSeconds?: number;
  /** From a connection's start to its complete upgrade from HTTP, s. @default 5 */
  readonly upgradeSeconds?: number;
  /** What bodies are read into, where whoever receives them gives them back. @default fresh memory */
  readonly spare?: SpareBuffers;
}

const scheme = 'ws://';

/**
 * WebSockets between processes, where firewalls and browsers want them. Addresses are 'ws://HOST:PORT',
 * IPv6 hosts in brackets; port 0 takes any free one.
 */
export function webSocket(options: WebSocketOptions = {}): Transport {
  const spare = new SpareBuffers();
  const context: Context = { clock: systemClock, graceSeconds: 2, upgradeSeconds: 5, spare, ...options };
  return {
    name: 'websocket',
    listen: (address, onConnection, { limits }) =>
      listen(address, context, (socket, peer) => {
        const connection = new WebSocketConnection(socket, peer, { ...context, limits });
        onConnection(connection);
        return connection;
      }),
    dial: (address, dialOptions) => dial(address, context, dialOptions),
  };
}

export function isWebSocketAddress(address: string): boolean {
  return address.startsWith(scheme);
}

type Context = Required<WebSocketOptions>;

/** Options of ws that both ends share. Compression would only cost time: activations are noise to it. */
function socketOptions({ graceSeconds }: Context) {
  return {
    perMessageDeflate: false,
    maxPayload: messageBytes,
    closeTimeout: 1000 * graceSeconds,
    autoPong: false,
  } as const;
}

/**
 * Masking keeps the script of a web page from choosing the bytes on the wire. Here the program itself is the client, and the mask of
 * zeros saves a copy and a pass over every tensor.
 */
const zeroMask = (mask: Buffer): void => void mask.fill(0);

async function dial(address: string, context: Context, { limits, signal }: DialOptions): Promise<Connection> {
  const target = parse(address, 1);
  signal.throwIfAborted();
  const socket = new WebSocket(`${scheme}${formatAddress(target)}/`, {
    ...socketOptions(context),
    handshakeTimeout: 1000 * context.upgradeSeconds,
    generateMask: zeroMask,
  });
  const connection = new WebSocketConnection(socket, address, { ...context, limits });
  socket.once('upgrade', ({ socket: inner }: IncomingMessage) => inner.setKeepAlive(true, keepAliveDelay));
  await opened(socket, 'open', { address, signal, giveUp: () => socket.terminate() });
  return connection;
}

const keepAliveDelay = 10_000;

async function listen(
  address: string,
  context: Context,
  accept: (socket: WebSocket, peer: string) => WebSocketConnection,
): Promise<Listener> {
  const target = parse(address, 0);
  const connections = new Set<WebSocketConnection>();
  const upgrader = new WebSocketServer({ ...socketOptions(context), noServer: true, clientTracking: false });
  const server = upgradeServer(context, (request, socket, head) =>
    upgrader.handleUpgrade(request, socket, head, (upgraded) => {
      const connection = accept(upgraded, peerOf(request.socket));
      connections.add(connection);
      upgraded.once('close', () => connections.delete(connection));
    }),
  );
  await bind(server, address, target);
  return {
    address: `${scheme}${formatAddress({ host: target.host, port: boundPort(server) })}`,
    close: () => {
      const closed = closeAll(server, connections);
      server.closeAllConnections();
      return closed;
    },
  };
}

/** Answers nothing but upgrades; a peer that does not complete one in time loses its connection. */
function upgradeServer(
  { upgradeSeconds }: Context,
  onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void,
): Server {
  const limit = 1000 * upgradeSeconds;
  const timeouts = { headersTimeout: limit, requestTimeout: limit, connectionsCheckingInterval: limit / 4 };
  const keepAlive = { keepAlive: true, keepAliveInitialDelay: keepAliveDelay };
  const server = createServer({ ...timeouts, ...keepAlive, noDelay: true }, (_, response) => {
    response.writeHead(426, { Connection: 'close', Upgrade: 'websocket' }).end();
  });
  server.on('upgrade', onUpgrade);
  return server;
}

function parse(address: string, lowestPort: 0 | 1): SocketAddress {
  if (isWebSocketAddress(address)) return parseAddress(address.slice(scheme.length), lowestPort);
  throw new InvalidInputError(
    `the address '${address}' does not begin with ${scheme}`,
    `Write it as '${scheme}127.0.0.1:7070'.`,
  );
}
