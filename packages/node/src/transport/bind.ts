import type { Server } from 'node:net';
import type { Connection } from '@tandem/runtime';
import type { SocketAddress } from './address.ts';
import { listenError } from './socket-error.ts';

/** Starts to listen; throws what `listenError` makes of a failure. */
export async function bind(server: Server, address: string, target: SocketAddress): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const fail = (cause: Error): void => reject(listenError(address, cause));
    server.once('error', fail);
    server.listen(target, () => {
      server.off('error', fail);
      resolve();
    });
  });
  // An accept that fails concerns the one peer; the others still get in.
  server.on('error', () => undefined);
}

/** The port that a listening server really got. */
export function boundPort(server: Server): number {
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
}

/** Takes no more peers, and resolves when those that are there have been closed. */
export async function closeAll(
  server: Server,
  connections: Iterable<Pick<Connection, 'close'>>,
): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  await Promise.all([...connections].map((connection) => connection.close()));
  await closed;
}
