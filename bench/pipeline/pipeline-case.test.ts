import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { plannedArrivals } from './arrivals.ts';
import { parsePipelineCase, readPipelineCase } from './pipeline-case.ts';

const folders = ['throughput/', 'arriving/'].map((name) => fileURLToPath(new URL(name, import.meta.url)));
const files = folders.flatMap((folder) => readdirSync(folder).map((file) => folder + file));

const two = {
  name: 'two',
  model: 'zoo:mobilenet-v2',
  hosts: [
    { id: 'a', slowdown: 4 },
    { id: 'b', like: 'raspberry-pi-4b' },
  ],
  links: [{ between: ['a', 'b'], megabitsPerSecond: 20 }],
  stages: [
    { host: 'a', work: 0.5 },
    { host: 'b', work: 0.5 },
  ],
  arrivals: { kind: 'poisson', perSecond: 10, seed: 3 },
  requests: 1000,
  window: 8,
};

describe('a pipeline on a testbed', () => {
  it.each(files)('%s can be read', async (file) => {
    expect((await readPipelineCase(file)).stages.length).toBeGreaterThan(1);
  });

  it('joins every host to the gateway', () => {
    const { scenario } = parsePipelineCase(two, 'file.yaml');
    expect(scenario.links.map(({ between }) => between)).toEqual([
      ['gateway', 'a'],
      ['gateway', 'b'],
      ['a', 'b'],
    ]);
  });

  it.each([
    {
      fault: 'two stages on a host',
      value: { ...two, stages: [two.stages[0], two.stages[0]] },
      says: 'one host',
    },
    { fault: 'an unknown host', value: { ...two, stages: [{ host: 'c', work: 1 }] }, says: "'c'" },
    { fault: 'stages without a link', value: { ...two, links: [] }, says: "no link leads to the host 'b'" },
    {
      fault: 'a link behind the last stage',
      value: { ...two, bound: { by: 'link', at: 1 } },
      says: 'bound.at',
    },
    {
      fault: 'a host of two kinds',
      value: { ...two, hosts: [{ id: 'a', slowdown: 4, like: 'raspberry-pi-4b' }, { id: 'b' }] },
      says: 'expected one',
    },
    {
      fault: 'a recording without a rate to begin with',
      value: { ...two, links: [{ between: ['a', 'b'], trace: 'walk' }] },
      says: 'megabitsPerSecond',
    },
    { fault: 'other arrivals', value: { ...two, arrivals: { kind: 'never' } }, says: 'arrivals' },
  ])('refuses $fault', ({ value, says }) => {
    expect(() => parsePipelineCase(value, 'file.yaml')).toThrow(says);
  });

  it('plans the same arrivals each time, at the rate that is asked for', () => {
    const own = parsePipelineCase(two, 'file.yaml');
    const times = plannedArrivals(own);
    expect(times).toEqual(plannedArrivals(own));
    expect(times).toEqual(times.toSorted((left, right) => left - right));
    expect(1000 / (times.at(-1) ?? 0)).toBeCloseTo(10, -1);
    expect(plannedArrivals({ ...own, arrivals: { kind: 'batch' } }).every((time) => time === 0)).toBe(true);
    const even = plannedArrivals({ ...own, arrivals: { kind: 'periodic', perSecond: 4 } });
    expect(even.slice(0, 3)).toEqual([0, 0.25, 0.5]);
  });
});
