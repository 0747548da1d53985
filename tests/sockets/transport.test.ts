import { connect, createServer, type Socket } from 'node:net';
import { tcp } from '@tandem/node';
import {
  type ConformanceCase,
  type Connection,
  elapse,
  type Frame,
  neverAborted,
  transportConformance,
} from '@tandem/runtime';
import { afterAll, describe, expect, it } from 'vitest';
import { frameOf, prelude } from './frame-bytes.ts';

const limits = { headerBytes: 100, bodyBytes: 1000 };
const signal = neverAborted();
const transport = tcp({ graceSeconds: 0.2 });

describe('TCP keeps what a transport promises', () => {
  const conformance = (address: string): readonly ConformanceCase[] =>
    transportConformance({ transport: tcp(), address, deadAddress: '127.0.0.1:1' });
  it.each(conformance('127.0.0.1:0'))('$name', ({ run }) => run());
});

it('takes IPv6 addresses in brackets', async () => {
  const listener = await transport.listen('[::1]:0', () => undefined, { limits });
  expect(listener.address).toMatch(/^\[::1\]:\d+$/);
  const connection = await transport.dial(listener.address, { limits, signal });
  await connection.close();
  await listener.close();
});

describe('TCP addresses', () => {
  const bad = [
    '',
    'localhost',
    ':1',
    'localhost:',
    'localhost:65536',
    '::1:80',
    'a b:1',
    '[::1]',
    'localhost:1x',
  ];
  it.each(bad)("refuses '%s'", async (address) => {
    await expect(transport.listen(address, () => undefined, { limits })).rejects.toMatchObject({
      name: 'InvalidInputError',
    });
  });

  it('refuses to dial port 0', async () => {
    await expect(transport.dial('localhost:0', { limits, signal })).rejects.toThrow('port of 1 to 65535');
  });

  it('says that an address is not of this machine', async () => {
    await expect(transport.listen('192.0.2.1:0', () => undefined, { limits })).rejects.toThrow(
      'EADDRNOTAVAIL',
    );
  });
});

/** A peer that speaks raw bytes. */
async function rawPeer() {
  const accepted: Connection[] = [];
  const listener = await transport.listen('127.0.0.1:0', (connection) => accepted.push(connection), {
    limits,
  });
  const socket = connect({ host: '127.0.0.1', port: Number(listener.address.split(':')[1]) });
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('connect', resolve));
  while (accepted.length === 0) await new Promise(setImmediate);
  const [connection] = accepted;
  if (connection === undefined) throw new Error('nobody was accepted');
  return { socket, connection, listener };
}

interface Hostile {
  readonly name: string;
  readonly bytes: Buffer;
  readonly ending: 'stays' | 'ends' | 'resets';
  readonly error: string;
  readonly says: string;
}

const hostile: readonly Hostile[] = [
  {
    name: 'another protocol',
    bytes: Buffer.from('GET / HTTP/1.1\r\nHost: tandem\r\n\r\n'),
    ending: 'stays',
    error: 'ProtocolError',
    says: 'TNDM',
  },
  {
    name: 'another version',
    bytes: Buffer.concat([Buffer.from('TNDM\x01'), Buffer.alloc(19)]),
    ending: 'stays',
    error: 'ProtocolError',
    says: 'version 1, expected 3',
  },
  {
    name: 'reserved bytes that are set',
    bytes: Buffer.concat([Buffer.from('TNDM\x03\x00\x01'), Buffer.alloc(17)]),
    ending: 'stays',
    error: 'ProtocolError',
    says: 'version',
  },
  {
    name: 'a header over the limit',
    bytes: prelude(101, 0n),
    ending: 'stays',
    error: 'ProtocolError',
    says: 'header of 101 bytes, expected at most 100',
  },
  {
    name: 'a body over the limit',
    bytes: prelude(1, 1001n),
    ending: 'stays',
    error: 'ProtocolError',
    says: 'body of 1001 bytes, expected at most 1000',
  },
  {
    name: 'a body of 2^64-1 bytes',
    bytes: prelude(1, 2n ** 64n - 1n),
    ending: 'stays',
    error: 'ProtocolError',
    says: 'body of 18446744073709551615 bytes',
  },
  {
    name: 'a length that is not the one that was sent',
    bytes: Buffer.concat([
      prelude(1, 1n).subarray(0, 12),
      prelude(1, 3n).subarray(12, 20),
      prelude(1, 1n).subarray(20),
    ]),
    ending: 'stays',
    error: 'ProtocolError',
    says: 'the lengths of a frame came damaged',
  },
  {
    name: 'a body that is not the one that was sent',
    bytes: frameOf('he', 'bad', 'hebod'),
    ending: 'stays',
    error: 'ProtocolError',
    says: 'the bytes of a frame came damaged',
  },
  {
    name: 'half a prelude',
    bytes: prelude(1, 1n).subarray(0, 7),
    ending: 'ends',
    error: 'ConnectionError',
    says: 'middle of a frame',
  },
  {
    name: 'a frame without its checksum',
    bytes: frameOf('he', 'bod').subarray(0, -1),
    ending: 'ends',
    error: 'ConnectionError',
    says: 'middle of a frame',
  },
  {
    name: 'half a frame',
    bytes: Buffer.concat([prelude(4, 10n), Buffer.from('head12345')]),
    ending: 'ends',
    error: 'ConnectionError',
    says: 'middle of a frame',
  },
  {
    name: 'a prelude alone',
    bytes: prelude(0, 10n),
    ending: 'ends',
    error: 'ConnectionError',
    says: 'middle of a frame',
  },
  {
    name: 'a reset',
    bytes: prelude(4, 10n),
    ending: 'resets',
    error: 'ConnectionError',
    says: 'broke it off',
  },
];

describe('TCP answers a peer that sends', () => {
  it.each(hostile)('$name', async ({ bytes, ending, error, says }) => {
    const { socket, connection, listener } = await rawPeer();
    const receiving = connection.receive(signal);
    socket.write(bytes);
    if (ending === 'ends') socket.end();
    if (ending === 'resets') setTimeout(() => socket.resetAndDestroy(), 20);
    const failure = await receiving.then(
      () => null,
      (reason: Error) => reason,
    );
    expect(failure).toMatchObject({ name: error, message: expect.stringContaining(says) });
    socket.destroy();
    await listener.close();
  });

  it('a frame in single bytes', async () => {
    const { socket, connection, listener } = await rawPeer();
    const receiving = connection.receive(signal);
    socket.setNoDelay(true);
    for (const byte of frameOf('he', 'bod')) {
      socket.write(Buffer.of(byte));
      await new Promise(setImmediate);
    }
    expect(texts(await receiving)).toEqual(['he', 'bod']);
    socket.destroy();
    await listener.close();
  });

  it('three frames in one piece', async () => {
    const { socket, connection, listener } = await rawPeer();
    const frame = (text: string) => frameOf('h', text);
    socket.write(Buffer.concat([frame('one'), frame(''), frame('three')]));
    const received = [];
    for (let count = 0; count < 3; count++) received.push(texts(await connection.receive(signal))?.[1]);
    expect(received).toEqual(['one', '', 'three']);
    socket.destroy();
    await listener.close();
  });

  it('nothing at all: the receiver leaves at its own deadline', async () => {
    const { socket, connection, listener } = await rawPeer();
    socket.write(prelude(4, 10n));
    await expect(connection.receive(AbortSignal.timeout(50))).rejects.toMatchObject({ name: 'TimeoutError' });
    socket.destroy();
    await listener.close();
  });
});

it('gives up a half-sent frame, and the connection with it, a grace after the deadline', async () => {
  const sockets: Socket[] = [];
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    socket.on('error', () => undefined);
    sockets.push(socket);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const connection = await transport.dial(`127.0.0.1:${port}`, { limits, signal });
  const body = new Uint8Array(2 ** 26);
  const sending = connection.send({ header: new Uint8Array(1), body }, AbortSignal.timeout(50));
  await expect(sending).rejects.toMatchObject({ name: 'ConnectionError' });
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

afterAll(async () => {
  for (let wait = 0; wait < 20 && openSockets().length > 0; wait++) await elapse(50);
  expect(openSockets()).toEqual([]);
});

/** Sockets and listeners still open; vitest talks to its workers through pipes, which do not count. */
function openSockets(): readonly string[] {
  return process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP'));
}

function texts(frame: Frame | null): readonly string[] | null {
  return frame && [frame.header, frame.body].map((bytes) => Buffer.from(bytes).toString());
}
