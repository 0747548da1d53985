import { seconds, type Trace, type TraceEvent } from '@tandem/core';
import { describe, expect, it } from 'vitest';
import { tracesOfModels, versionBeside } from './model-versions.ts';

const header: Trace['header'] = {
  kind: 'trace',
  format: 1,
  origin: 'measured',
  clock: '',
  model: '',
  devices: [],
  links: [],
  plans: [],
};
/** Of a row of its own. */
const repaired = 2 ** 30;
const atSeconds = seconds(0);
const arrival = (version: number, request: number): TraceEvent => ({
  kind: 'arrival',
  atSeconds,
  version,
  request,
});
const answer = (version: number, request: number): TraceEvent => ({
  kind: 'answer',
  atSeconds,
  version,
  request,
});
const repair = (version: number, replaces: number): TraceEvent => ({
  kind: 'repair',
  atSeconds,
  version,
  replaces,
  message: '',
});
const second = versionBeside(1);
const lost: TraceEvent = { kind: 'device-lost', atSeconds, device: 'pi' };

describe('tracesOfModels', () => {
  it.each<{
    readonly what: string;
    readonly first: readonly TraceEvent[];
    readonly other: readonly TraceEvent[];
  }>([
    { what: 'their own versions', first: [arrival(1, 1), answer(2, 1)], other: [arrival(second, 2)] },
    {
      what: 'versions that follow theirs',
      first: [repair(repaired, 1), arrival(repaired, 1), answer(repaired, 1)],
      other: [repair(repaired + 1, second), repair(repaired + 2, repaired + 1), arrival(repaired + 2, 2)],
    },
    {
      what: 'versions under which only their requests go on',
      first: [arrival(1, 1), answer(repaired, 1)],
      other: [arrival(second, 2), answer(repaired + 1, 2)],
    },
  ])('gives models $what, and to each what is about none', ({ first, other }) => {
    const [one, two, ...more] = tracesOfModels({ header, events: [lost, ...other, ...first] }, 2);
    expect(more).toEqual([]);
    expect(one?.events).toEqual([lost, ...first]);
    expect(two?.events).toEqual([lost, ...other]);
  });
});
