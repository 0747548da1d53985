import { graphOf, zooModel } from '@tandem/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Failure, type FailureSetting, failureSweep } from './failure-sweep.ts';
import { type PlannedFleet, plannedFleet } from './planned-fleet.ts';

const free: FailureSetting = {
  detectionSeconds: 0,
  replanningSeconds: 0,
  loadingBytesPerSecond: Number.POSITIVE_INFINITY,
  standsBy: false,
  copiesTo: 'nobody',
  stays: true,
};
let fleet: PlannedFleet;
beforeAll(async () => {
  const graph = graphOf(zooModel('vit-b-16', { batch: 1 }));
  fleet = await plannedFleet(graph, 0, { boards: 4, plan: 2 });
}, 60_000);

const swept = (setting: Partial<FailureSetting>): readonly Failure[] => {
  const { failures, impossible } = failureSweep(fleet, { ...free, ...setting });
  expect(impossible).toBe(0);
  expect(failures.length).toBeGreaterThan(9);
  return failures;
};

describe('a device that dies in the middle of a request', () => {
  it('costs detection and replanning in full only while nobody else is at work', () => {
    const known = swept({ detectionSeconds: 0.002, replanningSeconds: 0.001 });
    const waited = known.map(({ parts }) => parts.detection + parts.replanning);
    expect(Math.max(...waited)).toBeCloseTo(0.003, 9);
    expect(Math.min(...waited)).toBe(0);
    for (const { parts } of swept({})) expect(parts.detection + parts.replanning).toBe(0);
  });

  it('costs no wait for weights where all stages stand by, and one where they do not', () => {
    const waits = (setting: Partial<FailureSetting>): number =>
      Math.max(...swept({ loadingBytesPerSecond: 1e6, ...setting }).map(({ parts }) => parts.weights));
    expect(waits({})).toBeGreaterThan(0);
    expect(fleet.standBys().size).toBe(fleet.plan.bins.length);
    expect(waits({ standsBy: true })).toBe(0);
  });

  it('is repaired sooner, or as soon, with copies of what crosses', () => {
    for (const copiesTo of ['gateway', 'taker'] as const) {
      const [without, with_] = [swept({}), swept({ copiesTo })];
      const gained = with_.map(({ saved }, at) => saved - (without[at]?.saved ?? Number.NaN));
      expect(Math.min(...gained)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...gained)).toBeGreaterThan(0);
    }
  });

  it('costs parts that add up to what the saving says', () => {
    for (const { progress, undisturbedSeconds, parts, restartSeconds, saved } of swept({})) {
      const repaired =
        undisturbedSeconds + Object.values<number>({ ...parts }).reduce((sum, part) => sum + part, 0);
      const restarted = (1 + progress) * undisturbedSeconds + restartSeconds;
      expect(1 - repaired / restarted).toBeCloseTo(saved, 9);
      expect(parts.again).toBeGreaterThanOrEqual(0);
    }
  });
});
