import { describe, expect, it } from 'vitest';
import { neverAborted, patternBytes } from '../conformance.ts';
import { type VirtualClock, virtualClock } from '../virtual-clock.ts';
import { type Impairment, impair } from './impair.ts';
import { memoryTransport } from './memory.ts';
import type { Connection } from './transport.ts';

const limits = { headerBytes: 100, bodyBytes: 2 ** 24 };
const signal = neverAborted();

async function slowLink(impairment: Impairment) {
  const clock = virtualClock();
  const transport = memoryTransport();
  const accepted: Connection[] = [];
  await transport.listen('far', (connection) => accepted.push(connection), { limits });
  const direct = await transport.dial('far', { limits, signal });
  const [far] = accepted;
  if (far === undefined) throw new Error('nobody was accepted');
  return { clock, near: impair(direct, impairment, clock), far };
}

/** What happens when, in ms: `left` = send resolved, `arrived` = the far end has it. */
function journal(clock: VirtualClock) {
  const events: string[] = [];
  const note = (what: string) => events.push(`${Math.round(clock.now() * 1e6) / 1e3} ${what}`);
  const send = (end: Connection, name: string, bytes: number) =>
    end.send({ header: new Uint8Array(0), body: patternBytes(bytes, 1) }, neverAborted()).then(
      () => note(`${name} left`),
      (error: Error) => note(`${name} ${error.name}`),
    );
  const receiveAll = async (end: Connection) => {
    try {
      for (let frame = await end.receive(signal); frame; frame = await end.receive(signal))
        note(`${frame.body.length} arrived`);
      note('end');
    } catch (error) {
      note(error instanceof Error ? error.name : 'unknown');
    }
  };
  return { events, send, receiveAll };
}

interface Timeline {
  readonly name: string;
  readonly impairment: Impairment;
  /** Sizes of frames sent at time 0, bytes. */
  readonly sizes: readonly number[];
  readonly events: readonly string[];
}

const timelines: readonly Timeline[] = [
  {
    name: 'a rate alone: 1 Mbit/s is 8 ms for 1000 bytes, one after the other',
    impairment: { bitsPerSecond: 1e6 },
    sizes: [1000, 500],
    events: ['8 1000 arrived', '8 a left', '12 500 arrived', '12 b left'],
  },
  {
    name: 'a delay alone: all leave at once, all arrive later, in order',
    impairment: { oneWaySeconds: 0.005 },
    sizes: [1000, 500],
    events: ['0 a left', '0 b left', '5 1000 arrived', '5 500 arrived'],
  },
  {
    name: 'a rate and a delay: the second leaves while the first is under way',
    impairment: { bitsPerSecond: 1e6, oneWaySeconds: 0.1 },
    sizes: [1000, 500],
    events: ['8 a left', '12 b left', '108 1000 arrived', '112 500 arrived'],
  },
  {
    name: 'a stall: the frame that reaches the limit waits, and what follows waits behind it',
    impairment: { bitsPerSecond: 1e6, stall: { afterBytes: 1500, seconds: 1 } },
    sizes: [1000, 500, 250],
    events: [
      '8 1000 arrived',
      '8 a left',
      '1012 500 arrived',
      '1012 b left',
      '1014 250 arrived',
      '1014 c left',
    ],
  },
  {
    name: 'a break: the frame that reaches the limit breaks the connection, at both ends',
    impairment: { bitsPerSecond: 1e6, disconnectAfterBytes: 1500 },
    sizes: [1000, 500],
    events: ['8 1000 arrived', '8 a left', '8 ConnectionError', '8 b ConnectionError'],
  },
];

describe('impair', () => {
  it.each(timelines)('$name', async ({ impairment, sizes, events }) => {
    const { clock, near, far } = await slowLink(impairment);
    const log = journal(clock);
    const receiving = log.receiveAll(far);
    const sending = sizes.map((size, index) => log.send(near, 'abc'.charAt(index), size));
    await clock.advance(2);
    await Promise.all(sending);
    expect([...log.events].sort(byTime)).toEqual([...events].sort(byTime));
    near.abort();
    await receiving;
  });

  it('leaves the connection alone when nothing is impaired', async () => {
    const { clock, near } = await slowLink({});
    expect(impair(near, { bitsPerSecond: Number.POSITIVE_INFINITY, oneWaySeconds: 0 }, clock)).toBe(near);
  });

  it('takes the sender back from a stall that never ends', async () => {
    const { clock, near } = await slowLink({ stall: { afterBytes: 0, seconds: Number.POSITIVE_INFINITY } });
    const controller = new AbortController();
    const sending = near.send({ header: new Uint8Array(1), body: new Uint8Array(1) }, controller.signal);
    await clock.advance(1000);
    controller.abort(new Error('enough'));
    await expect(sending).rejects.toThrow('enough');
  });

  it('delivers what has left before it closes', async () => {
    const { clock, near, far } = await slowLink({ oneWaySeconds: 1 });
    const log = journal(clock);
    const receiving = log.receiveAll(far);
    await log.send(near, 'a', 10);
    const closing = near.close();
    await clock.advance(2);
    await Promise.all([closing, receiving]);
    expect(log.events).toEqual(['0 a left', '1000 10 arrived', '1000 end']);
  });

  it('bounds what is under way when the peer does not read', async () => {
    const { clock, near } = await slowLink({ oneWaySeconds: 0.001 });
    const log = journal(clock);
    const sending = Array.from({ length: 20 }, () => log.send(near, 'frame', 2 ** 20));
    await clock.advance(1);
    expect(log.events.length).toBeLessThan(20);
    near.abort();
    await Promise.all(sending);
  });

  it('sends a copy, so that the sender may use its buffer again at once', async () => {
    const { clock, near, far } = await slowLink({ oneWaySeconds: 1 });
    const body = patternBytes(100, 3);
    await near.send({ header: new Uint8Array(1), body }, signal);
    body.fill(0);
    await clock.advance(1);
    expect((await far.receive(signal))?.body).toEqual(patternBytes(100, 3));
  });
});

function byTime(left: string, right: string): number {
  return Number.parseFloat(left) - Number.parseFloat(right) || left.localeCompare(right);
}
