import { FaultProxy, tcp } from '@tandem/node';
import type { Connection, Frame, FrameLimits, Listener } from '@tandem/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const limits: FrameLimits = { headerBytes: 100, bodyBytes: 2 ** 20 };
const signal = AbortSignal.timeout(60_000);
const transport = tcp();

let listener: Listener;
let proxy: FaultProxy;
let near: Connection;
let far: Connection;
beforeEach(async () => {
  const peers: Connection[] = [];
  listener = await transport.listen('127.0.0.1:0', (connection) => peers.push(connection), { limits });
  proxy = await FaultProxy.open(listener.address);
  near = await transport.dial(proxy.address, { limits, signal });
  far = await first(peers);
});
afterEach(async () => {
  near.abort();
  await proxy.close();
  await listener.close();
});

async function first(peers: readonly Connection[]): Promise<Connection> {
  for (;;) {
    const [peer] = peers;
    if (peer !== undefined) return peer;
    await new Promise(setImmediate);
  }
}

const frame = (bytes: number): Frame => ({
  header: Uint8Array.of(1, 2, 3),
  body: Uint8Array.from({ length: bytes }, (_, at) => at % 251),
});

describe('FaultProxy', () => {
  it('carries frames both ways, and the end', async () => {
    await near.send(frame(2 ** 19), signal);
    expect((await far.receive(signal))?.body).toEqual(frame(2 ** 19).body);
    await far.send(frame(10), signal);
    expect((await near.receive(signal))?.body).toEqual(frame(10).body);
    await Promise.all([near.close(), far.close()]);
  });

  it('flips one bit, which the receiver notices', async () => {
    const damaged = proxy.damageNext(300);
    await near.send(frame(1000), signal);
    await damaged;
    await expect(far.receive(signal)).rejects.toThrow(/the bytes of a frame came damaged/);
  });

  it('carries nothing while it is cut, and all of it afterwards', async () => {
    proxy.cut();
    await near.send(frame(10), signal);
    const early = AbortSignal.timeout(100);
    await expect(far.receive(early)).rejects.toThrow();
    const dialled = await transport.dial(proxy.address, { limits, signal });
    dialled.abort();
    proxy.mend();
    expect((await far.receive(signal))?.body).toEqual(frame(10).body);
  });

  it('tells of an end that came while it was cut only when it is mended', async () => {
    proxy.cut();
    near.abort();
    const early = AbortSignal.timeout(100);
    await expect(far.receive(early)).rejects.not.toMatchObject({ name: 'ConnectionError' });
    proxy.mend();
    await expect(far.receive(signal)).rejects.toMatchObject({ name: 'ConnectionError' });
  });

  it('leads to wherever the agent is now', async () => {
    const peers: Connection[] = [];
    const other = await transport.listen('127.0.0.1:0', (connection) => peers.push(connection), { limits });
    proxy.target = other.address;
    const dialled = await transport.dial(proxy.address, { limits, signal });
    await dialled.send(frame(7), signal);
    expect((await (await first(peers)).receive(signal))?.body).toHaveLength(7);
    dialled.abort();
    await other.close();
  });
});
