import { createModelBuilder, type Graph, graphOf } from '@tandem/core';
import { describe, expect, it } from 'vitest';
import { jobKey, profileJobs, sampleKey } from './profile-jobs.ts';

function chain(): Graph {
  const builder = createModelBuilder({ name: 'chain', opset: 17 });
  const input = builder.input('x', 'float32', [4]);
  builder.output(builder.node('Sigmoid', [builder.node('Relu', [input])]), 'float32', [4]);
  return graphOf(builder.build());
}

const clocks = [
  { kind: 'quota', share: 0.5 },
  { kind: 'level', hertz: 1e9 },
  { kind: 'mode', name: '5W' },
] as const;

describe('profileJobs', () => {
  const options = { graphs: new Map([[1, chain()]]), threads: [1, 2], passes: 2 };
  const jobs = profileJobs({ ...options, clocks });

  it('measures sessions at the base and at every clock, codecs at the base', () => {
    const isCodec = (job: (typeof jobs)[number]): boolean => 'codecElements' in job;
    const [base, codecs] = [profileJobs(options).filter((job) => !isCodec(job)), jobs.filter(isCodec)];
    expect(jobs).toHaveLength(codecs.length + base.length * (1 + clocks.length));
  });

  it('tells every job from every other, by the sample that it gave too', () => {
    expect(new Set(jobs.map(jobKey)).size).toBe(jobs.length);
    for (const job of jobs) {
      if ('codecElements' in job) continue;
      const { recorded, clock, ...conditions } = job;
      const times = { loadSeconds: 1, coldSeconds: 1, warmSeconds: 1, memoryBytes: 1, frequencyHertz: null };
      const own = { ...conditions, ...times, nodeSeconds: recorded ? [1] : null };
      expect(sampleKey(clock === null ? own : { ...own, clock })).toBe(jobKey(job));
    }
  });
});
