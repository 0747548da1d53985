import { seconds, type TraceEvent } from '@tandem/core';
import { describe, expect, it } from 'vitest';
import { virtualClock } from '../virtual-clock.ts';
import { Tasks } from '../wire/tasks.ts';
import { DevicePresence } from './device-presence.ts';

function watched(isRepaired: boolean) {
  const clock = virtualClock();
  const told: string[] = [];
  const life = new AbortController();
  const tasks = new Tasks((error) => told.push(String(error)));
  const presence = new DevicePresence({
    clock,
    tasks,
    isRepaired,
    tell: (device, isHere) => void told.push(`${clock.now()} ${device} ${isHere}`),
    signal: life.signal,
  });
  const see = (kind: 'device-lost' | 'device-back'): void =>
    presence.see({ kind, atSeconds: clock.now(), device: 'pi' });
  const repaired = (): void => {
    const event: TraceEvent = { kind: 'repair', atSeconds: seconds(0), version: 2, replaces: 1, message: '' };
    presence.see(event);
  };
  return { clock, told, see, repaired, life, tasks };
}

describe('DevicePresence', () => {
  it('tells a loss at once where nothing is repaired', () => {
    const { told, see } = watched(false);
    see('device-lost');
    expect(told).toEqual(['0 pi false']);
  });

  it('tells a loss once it is repaired, or after a second', async () => {
    const { clock, told, see, repaired } = watched(true);
    see('device-lost');
    await clock.advance(0.25);
    repaired();
    await clock.advance(9.75);
    see('device-back');
    see('device-lost');
    await clock.advance(10);
    expect(told).toEqual(['0.25 pi false', '11 pi false']);
  });

  it('tells of a return after probation, which is longer after each relapse', async () => {
    const { clock, told, see } = watched(false);
    see('device-lost');
    see('device-back');
    await clock.advance(10);
    see('device-lost');
    see('device-back');
    await clock.advance(100);
    expect(told).toEqual(['0 pi false', '10 pi false', '70 pi true']);
  });

  it('waits for nothing when its signal has aborted', async () => {
    const { clock, told, see, life, tasks } = watched(true);
    see('device-lost');
    life.abort();
    await tasks.settled();
    await clock.advance(10);
    expect(told).toEqual([]);
  });
});
