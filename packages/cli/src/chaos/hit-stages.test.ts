import type { DeviceId } from '@tandem/core';
import { describe, expect, it } from 'vitest';
import { HitStages } from './hit-stages.ts';
import type { Standing } from './standing.ts';

const runs = new Map([
  [0, 'd1'],
  [1, 'd2'],
  [2, 'd3'],
]);

const standing = (inside: Readonly<Record<DeviceId, readonly number[]>>): Standing => ({
  inFlight: 8,
  inside: new Map(
    Object.entries(inside).map(([device, stages]) => [
      device,
      new Map(stages.map((stage, request) => [request, stage])),
    ]),
  ),
  runs,
});

describe('HitStages', () => {
  it('strikes every stage in its turn', () => {
    const stages = new HitStages();
    const busy = standing({ d1: [0], d2: [1], d3: [2] });
    const struck = [0, 1, 2, 3].map(() => {
      const [victim = ''] = stages.victims(busy, 1, false);
      stages.hit([...(busy.inside.get(victim)?.values() ?? [])]);
      return victim;
    });
    expect(struck).toEqual(['d1', 'd2', 'd3', 'd1']);
  });

  it.each([
    { what: 'waits for the stage that was hit least', inside: { d2: [1] }, anyone: false, victims: [] },
    { what: 'takes another in the end', inside: { d3: [2] }, anyone: true, victims: ['d3'] },
    { what: 'takes an idle one rather than none', inside: {}, anyone: true, victims: ['d1'] },
    { what: 'finds a stage where it runs now', inside: { d9: [0] }, anyone: false, victims: ['d9'] },
  ])('$what', ({ inside, anyone, victims }) => {
    expect(new HitStages().victims(standing({ d1: [], ...inside }), 1, anyone)).toEqual(victims);
  });

  it('takes those of the stages that follow along', () => {
    expect(new HitStages().victims(standing({ d1: [0] }), 2, false)).toEqual(['d1', 'd2']);
  });
});
