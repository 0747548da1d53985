import { ConnectionError } from '@tandem/core';
import { tcp } from '@tandem/node';
import type { Connection, Listener } from '@tandem/runtime';
import type { Hop } from './hop.ts';

const limits = { headerBytes: 64 * 1024, bodyBytes: 16 * 2 ** 20 };
const forever = new AbortController().signal;
const nothing = new Uint8Array(0);

/** The transport's end of the comparison: every frame is answered by one without a body. */
export function serveTransport(): Promise<Listener> {
  return tcp().listen('127.0.0.1:0', (connection) => void acknowledge(connection).catch(() => undefined), {
    limits,
  });
}

async function acknowledge(connection: Connection): Promise<void> {
  while ((await connection.receive(forever)) !== null)
    await connection.send({ header: new Uint8Array(4), body: nothing }, forever);
}

export async function dialTransport(address: string): Promise<Hop> {
  const connection = await tcp().dial(address, { limits, signal: AbortSignal.timeout(10_000) });
  // As long as a tensor's message really is.
  const header = new Uint8Array(140);
  return {
    send: (tensor) => connection.send({ header, body: tensor }, forever),
    acknowledged: async () => {
      if ((await connection.receive(forever)) === null)
        throw new ConnectionError('the peer hung up', 'See its error output.');
    },
    close: () => connection.close(),
  };
}
