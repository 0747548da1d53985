import { connect, createServer, type Server, type Socket } from 'node:net';
import { ConnectionError } from '@tandem/core';
import type { Hop } from './hop.ts';

const prefixBytes = 4;

/**
 * The least that can carry tensors over a socket, what the transport is held against: four bytes of length, then the bytes, received
 * into a buffer of the exact size. It checks nothing, bounds nothing, and knows no errors.
 */
export function serveBare(onPort: (port: number) => void): Server {
  const acknowledgement = Buffer.alloc(prefixBytes);
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    readFrames(socket, () => socket.write(acknowledgement));
    socket.on('error', () => socket.destroy());
  });
  return server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (address !== null && typeof address === 'object') onPort(address.port);
  });
}

export async function dialBare(port: number): Promise<Hop> {
  const socket = await connected(port);
  let acknowledgements = 0;
  let waiting: (() => void) | null = null;
  readFrames(socket, () => {
    acknowledgements++;
    waiting?.();
  });
  return {
    send: (tensor) => write(socket, tensor),
    acknowledged: async () => {
      if (acknowledgements === 0) await new Promise<void>((resolve) => (waiting = resolve));
      waiting = null;
      acknowledgements--;
    },
    close: async () => {
      socket.destroy();
    },
  };
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket));
    socket.on('error', (cause) => reject(new ConnectionError('no peer', 'See its error output.', { cause })));
  });
}

function write(socket: Socket, tensor: Uint8Array): Promise<void> {
  const prefix = Buffer.alloc(prefixBytes);
  prefix.writeUInt32LE(tensor.length);
  socket.cork();
  socket.write(prefix);
  return new Promise((resolve) => {
    socket.write(tensor, () => resolve());
    socket.uncork();
  });
}

function readFrames(socket: Socket, onFrame: (body: Uint8Array) => void): void {
  const prefix = Buffer.alloc(prefixBytes);
  let prefixed = 0;
  let body = new Uint8Array(0);
  let filled = 0;
  socket.on('data', (chunk) => {
    for (let at = 0; at < chunk.length || (prefixed === prefixBytes && filled === body.length); ) {
      if (prefixed < prefixBytes) {
        const taken = Math.min(prefixBytes - prefixed, chunk.length - at);
        prefix.set(chunk.subarray(at, at + taken), prefixed);
        prefixed += taken;
        at += taken;
        if (prefixed === prefixBytes) [body, filled] = [new Uint8Array(prefix.readUInt32LE()), 0];
        continue;
      }
      const taken = Math.min(body.length - filled, chunk.length - at);
      body.set(chunk.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
      if (filled < body.length) continue;
      prefixed = 0;
      onFrame(body);
    }
  });
}
