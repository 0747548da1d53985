import { seconds } from '@tandem/core';
import { describe, expect, it } from 'vitest';
import { neverAborted } from '../conformance.ts';
import type { Deployment } from './deployment.ts';
import { smallDeployment } from './pipeline-harness.ts';
import { smallPlans } from './small-plans.ts';
import { TraceCollector } from './trace-collector.ts';

const signal = neverAborted();

function version(number: number): Deployment {
  const [plan] = Object.values(smallPlans);
  if (plan === undefined) throw new Error('no plan');
  return smallDeployment({ ...plan, version: number }, []);
}

describe('the plans of a trace', () => {
  it('are by the planner of the version that they follow', async () => {
    const clock = { now: () => seconds(0), sleep: () => Promise.resolve() };
    const traces = new TraceCollector({ clock, clockName: '', log: () => undefined });
    traces.follow(version(1));
    expect(traces.isOn).toBe(false);
    await traces.begin(version(2), { planner: 'first' }, [], signal);
    await traces.begin(version(3), { planner: 'second' }, [], signal);
    traces.follow(version(4), 2);
    traces.follow(version(5), 4);
    traces.follow(version(6));
    const named = traces.trace().header.plans.map(({ version: own, planner }) => [own, planner]);
    expect(named).toEqual([
      [2, 'first'],
      [3, 'second'],
      [4, 'first'],
      [5, 'first'],
      [6, ''],
    ]);
  });
});
