import { hertz } from '@tandem/core';
import { describe, expect, it } from 'vitest';
import { type Actuator, eitherActuator, type WantedClock } from '../actuate/actuator.ts';
import { Pace } from '../actuate/pace.ts';
import { AgentClock } from './agent-clock.ts';

const wanted: WantedClock = { hertz: hertz(5e8), highestHertz: hertz(2e9), threads: 1, pacedHertz: null };

function machine(set: Actuator['set']): Actuator & { releases: number } {
  const own = { name: 'machine', set, releases: 0, release: async () => void own.releases++ };
  return own;
}

describe('the clock of an agent', () => {
  it('paces an imitated device by the clock for which its paces hold, and ends with the session', async () => {
    const pace = new Pace();
    const clock = new AgentClock(eitherActuator(pace, null));
    const imitated = { ...wanted, pacedHertz: hertz(1e9) };
    expect(await clock.set(imitated)).toMatchObject({ actuator: 'pace', hertz: 5e8, reason: null });
    expect(pace.factor).toBe(2);
    await clock.set(null);
    expect(pace.factor).toBe(1);
  });

  it('says what was read back, not what was wanted', async () => {
    const own = machine(async () => hertz(6e8));
    const clock = new AgentClock(eitherActuator(new Pace(), own));
    expect(await clock.set(wanted)).toMatchObject({ actuator: 'machine', hertz: 6e8, reason: null });
    await clock.release();
    await clock.release();
    expect(own.releases).toBe(1);
  });

  it('says why not', async () => {
    const own = machine(async () => Promise.reject(new Error('no right to')));
    expect(await new AgentClock(() => own).set(wanted)).toMatchObject({
      hertz: null,
      reason: expect.stringContaining('no right to') as string,
    });
    expect(await new AgentClock(() => null).set(wanted)).toMatchObject({
      actuator: null,
      reason: 'nothing on this device sets clocks',
    });
  });
});
