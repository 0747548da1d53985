import { describe, expect, it } from 'vitest';
import { ExitGuard, stopAtExit } from './exit-guard.ts';

describe('exit guard', () => {
  it('lets one in at a time, and none once stopped', () => {
    const guard = new ExitGuard();
    const other = new ExitGuard(guard.state);
    expect([guard.enter(), other.enter()]).toEqual([true, false]);
    other.leave();
    expect(other.enter()).toBe(true);
    other.leave();
    guard.stop(0);
    expect([guard.enter(), other.enter()]).toEqual([false, false]);
    other.leave();
    expect(other.enter()).toBe(false);
  });

  it('gives up on one that stays inside', () => {
    const guard = new ExitGuard();
    guard.enter();
    guard.stop(10);
    guard.leave();
    expect(guard.enter()).toBe(true);
  });

  it('listens to the exit once for all, and not for none', () => {
    const before = process.listenerCount('exit');
    const backs = [new ExitGuard(), new ExitGuard()].map(stopAtExit);
    expect(process.listenerCount('exit')).toBe(before + 1);
    for (const back of backs) back();
    expect(process.listenerCount('exit')).toBe(before);
  });
});
