import type { Socket } from 'node:net';
import { InvalidInputError } from '@tandem/core';

export interface SocketAddress {
  readonly host: string;
  readonly port: number;
}

/** Reads 'HOST:PORT', an IPv6 host in brackets; throws InvalidInputError. Port 0 = any, which only a listener can use. */
export function parseAddress(address: string, lowestPort: 0 | 1): SocketAddress {
  const match = /^(?:\[([0-9A-Fa-f:.%\w]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(address);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host !== undefined && port >= lowestPort && port <= 65535) return { host, port };
  throw new InvalidInputError(
    `the address '${address}' is not HOST:PORT with a port of ${lowestPort} to 65535`,
    "Write it as '127.0.0.1:7070', 'name.example:7070' or '[::1]:7070'.",
  );
}

export function formatAddress({ host, port }: SocketAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Who is at the other end. */
export function peerOf({ remoteAddress, remotePort }: Socket): string {
  return formatAddress({ host: remoteAddress ?? 'a peer that left', port: remotePort ?? 0 });
}
