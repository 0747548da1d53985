import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../errors.ts';
import { missionCommand, parseMission } from './mission-document.ts';

const whole = {
  objective: 'energy',
  deadlineSeconds: 0.2,
  mostAccuracyLoss: 0.01,
  leastPriority: 5,
} as const;

describe('parseMission', () => {
  it.each([{}, whole, { leastPriority: -1 }])('reads %j', (mission) => {
    expect(parseMission(mission)).toEqual(mission);
  });

  it.each([
    [{ objective: 'period' }, 'objective is "period", expected "latency" or "throughput" or "energy".'],
    [{ deadlineSeconds: -1 }, 'deadlineSeconds is -1, expected a number from 0 to 1000000000.'],
    [{ leastPriority: 0.5 }, 'leastPriority is 0.5, expected a whole number from -1000 to 1000.'],
    [{ mostAccuracyLos: 0 }, "mostAccuracyLos is not a known key, did you mean 'mostAccuracyLoss'?"],
    [null, 'the document is null, expected an object.'],
  ])('refuses %j', (value, message) => {
    expect(() => parseMission(value)).toThrow(InvalidInputError);
    expect(() => parseMission(value)).toThrow(message);
  });
});

describe('missionCommand', () => {
  it('leaves nothing of the mission before', () => {
    expect(missionCommand(whole, 'latency')).toEqual(whole);
    expect(missionCommand({ deadlineSeconds: 1 }, 'throughput')).toEqual({
      objective: 'throughput',
      deadlineSeconds: 1,
      mostAccuracyLoss: null,
      leastPriority: null,
    });
  });
});
