import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { sockets, webSocket } from '@tandem/node';
import { type Connection, elapse, neverAborted, transportConformance } from '@tandem/runtime';
import { afterAll, describe, expect, it } from 'vitest';
import { frameOf, prelude } from './frame-bytes.ts';

const limits = { headerBytes: 100, bodyBytes: 1000 };
const signal = neverAborted();
const transport = webSocket({ graceSeconds: 0.2, upgradeSeconds: 0.4 });

describe('WebSocket keeps what a transport promises', () => {
  const setup = {
    transport: webSocket(),
    address: 'ws://127.0.0.1:0',
    deadAddress: 'ws://127.0.0.1:1',
  };
  it.each(transportConformance(setup))('$name', ({ run }) => run());
});

describe('WebSocket addresses', () => {
  it.each(['127.0.0.1:0', 'ws://', 'ws://host', 'ws://host:1/path', 'wss://127.0.0.1:0'])(
    "refuses '%s'",
    async (address) => {
      await expect(transport.listen(address, () => undefined, { limits })).rejects.toMatchObject({
        name: 'InvalidInputError',
      });
    },
  );

  it('takes IPv6 addresses in brackets', async () => {
    const listener = await transport.listen('ws://[::1]:0', () => undefined, { limits });
    const connection = await transport.dial(listener.address, { limits, signal });
    await connection.close();
    await listener.close();
  });

  it.each(['127.0.0.1:0', 'ws://127.0.0.1:0'])('tells the transport by the address %s', async (address) => {
    const both = sockets();
    const listener = await both.listen(address, () => undefined, { limits });
    expect(listener.address.startsWith('ws://')).toBe(address.startsWith('ws://'));
    const connection = await both.dial(listener.address, { limits, signal });
    await connection.close();
    await listener.close();
  });
});

interface Raw {
  readonly socket: Socket;
  readonly accepted: Connection[];
  readonly close: () => Promise<void>;
}

/** A TCP peer of a WebSocket listener. */
async function rawPeer(): Promise<Raw> {
  const accepted: Connection[] = [];
  const listener = await transport.listen('ws://127.0.0.1:0', (connection) => accepted.push(connection), {
    limits,
  });
  const port = Number(listener.address.split(':').at(-1));
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  const close = (): Promise<void> => {
    socket.destroy();
    return listener.close();
  };
  return { socket, accepted, close };
}

const upgrade = [
  'GET / HTTP/1.1',
  'Host: x',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '',
  '',
].join('\r\n');

/** A raw peer that has completed its upgrade. */
async function upgradedPeer(): Promise<Raw & { readonly connection: Connection }> {
  const raw = await rawPeer();
  raw.socket.write(upgrade);
  await once(raw.socket, 'data');
  const [connection] = raw.accepted;
  if (connection === undefined) throw new Error('nobody was accepted');
  return { ...raw, connection };
}

/** A client's WebSocket frame: final, masked by zeros, shorter than 126 bytes. */
function clientFrame(opcode: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}

const [text, binary, close, ping] = [1, 2, 8, 9];

/** The header of a message of 2^40 bytes. */
const giant = Buffer.from([0x82, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

describe('WebSocket answers a peer that sends', () => {
  it.each([
    ['a body over the limit', clientFrame(binary, prelude(1, 1001n)), 'ProtocolError', '1001 bytes'],
    ['another protocol', clientFrame(binary, Buffer.alloc(40, 'x')), 'ProtocolError', 'TNDM'],
    ['text', clientFrame(text, Buffer.from('hello')), 'ProtocolError', 'text message'],
    ['a message of a terabyte', giant, 'ProtocolError', 'payload'],
    ['a frame without a mask', Buffer.from([0x82, 0x01, 0x00]), 'ProtocolError', 'MASK'],
    [
      'a close in the middle of a frame',
      Buffer.concat([clientFrame(binary, prelude(4, 10n)), clientFrame(close, Buffer.from([3, 232]))]),
      'ConnectionError',
      'middle of a frame',
    ],
  ])('%s', async (_, bytes, name, says) => {
    const peer = await upgradedPeer();
    const receiving = peer.connection.receive(signal);
    peer.socket.write(bytes);
    await expect(receiving).rejects.toMatchObject({ name, message: expect.stringContaining(says) as string });
    await peer.close();
  });

  it('half a frame and its end', async () => {
    const peer = await upgradedPeer();
    const receiving = peer.connection.receive(signal);
    peer.socket.end(clientFrame(binary, prelude(4, 10n)));
    await expect(receiving).rejects.toMatchObject({ name: 'ConnectionError' });
    await peer.close();
  });

  it('a frame in single bytes', async () => {
    const peer = await upgradedPeer();
    const receiving = peer.connection.receive(signal);
    peer.socket.setNoDelay(true);
    for (const byte of clientFrame(binary, frameOf('he', 'bod'))) {
      peer.socket.write(Buffer.of(byte));
      await new Promise(setImmediate);
    }
    const frame = await receiving;
    expect(frame && [frame.header, frame.body].map((bytes) => Buffer.from(bytes).toString())).toEqual([
      'he',
      'bod',
    ]);
    await peer.close();
  });

  it('pings without reading the answers: few are kept', async () => {
    const peer = await upgradedPeer();
    peer.socket.pause();
    const before = process.memoryUsage().arrayBuffers;
    const many = Buffer.concat(Array.from({ length: 1000 }, () => clientFrame(ping, Buffer.alloc(120))));
    for (let round = 0; round < 200; round++) {
      if (!peer.socket.write(many)) await Promise.race([once(peer.socket, 'drain'), elapse(1000)]);
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 24);
    await peer.close();
  });
});

describe('WebSocket parts with a peer that', () => {
  const ended = async (socket: Socket): Promise<boolean> => {
    socket.resume();
    await Promise.race([once(socket, 'end'), once(socket, 'close'), elapse(5000)]);
    return socket.readableEnded || socket.destroyed;
  };

  it.each([
    ['says nothing', ''],
    ['says half an upgrade', upgrade.slice(0, 60)],
    ['asks for a page', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['upgrades to something else', upgrade.replace('websocket', 'h2c')],
  ])('%s', async (_, bytes) => {
    const peer = await rawPeer();
    peer.socket.write(bytes);
    expect(await ended(peer.socket)).toBe(true);
    expect(peer.accepted).toEqual([]);
    await peer.close();
  });

  it('closes and then never ends its side', async () => {
    const peer = await upgradedPeer();
    const receiving = peer.connection.receive(signal);
    peer.socket.write(clientFrame(close, Buffer.from([3, 232])));
    expect(await ended(peer.socket)).toBe(true);
    await expect(receiving).resolves.toBeNull();
    await peer.close();
  });

  it('does not answer a close', async () => {
    const peer = await upgradedPeer();
    peer.socket.pause();
    await peer.connection.close();
    await peer.close();
  });

  it('does not take a frame, a grace after the deadline', async () => {
    const peer = await upgradedPeer();
    peer.socket.pause();
    const frame = { header: new Uint8Array(1), body: new Uint8Array(2 ** 26) };
    await expect(peer.connection.send(frame, AbortSignal.timeout(50))).rejects.toMatchObject({
      name: 'ConnectionError',
    });
    await peer.close();
  });
});

it('says that the listener speaks no WebSocket', async () => {
  const plain = await sockets().listen('127.0.0.1:0', () => undefined, { limits });
  await expect(transport.dial(`ws://${plain.address}`, { limits, signal })).rejects.toMatchObject({
    name: 'ConnectionError',
  });
  await plain.close();
});

afterAll(async () => {
  const open = (): readonly string[] =>
    process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP'));
  for (let wait = 0; wait < 20 && open().length > 0; wait++) await elapse(50);
  expect(open()).toEqual([]);
});
