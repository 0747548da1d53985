import {
  exampleCluster,
  graphOf,
  type Metrics,
  metricsOf,
  type Plan,
  planOf,
  problemOf,
  zooModel,
} from '@tandem/core';
import { describe, expect, it } from 'vitest';
import { versionBeside } from '../beside/model-versions.ts';
import { bothText } from '../metrics/both-text.ts';
import { simulatedStreams } from './simulated-stream.ts';
import type { StreamWanted } from './stream-run.ts';

const graph = graphOf(zooModel('cifar-resnet-8', { batch: 1 }));
const problem = problemOf(graph, exampleCluster());
const nodes = graph.nodes.map(({ id }) => id);
const plan = planOf(problem, '', [{ device: 'server', nodes }], 'test');
const wanted = { requests: 30, atSeconds: null, window: 4, waiting: 30, ordered: true } as const;
const every = (gap: number): number[] => Array.from({ length: 30 }, (_, index) => gap * index);

function simulatedStream(own: Plan, stream: StreamWanted): Metrics {
  const [metrics] = simulatedStreams([{ problem, plan: own, stream }]);
  if (metrics === undefined) throw new Error('nothing was simulated');
  return metrics;
}

describe('simulatedStreams', () => {
  it('sends as many requests as are wanted, at their rate where one is', () => {
    const paced = simulatedStream(plan, { ...wanted, atSeconds: every(2) });
    expect(paced.requests).toMatchObject({ arrived: 30, answered: 30, failed: 0 });
    expect(paced.steadyRequestsPerSecond).toBeCloseTo(0.5, 9);
    const all = simulatedStream(plan, wanted);
    expect(all.requests.answered).toBe(30);
    expect(all.steadyRequestsPerSecond).toBeGreaterThan(0.5);
  });

  it('has two models take turns on a device, the more important one first', () => {
    const stream = { ...wanted, atSeconds: every(0) };
    const local = planOf(problem, '', [{ device: 'pi', nodes }], 'test');
    const other = { problem, plan: { ...local, version: versionBeside(1) }, stream };
    const mean = (priority: number): readonly number[] =>
      simulatedStreams([{ problem, plan: local, stream, priority }, other]).map(
        ({ latencySeconds }) => latencySeconds?.mean ?? 0,
      );
    const [first = 0, second = 0] = mean(1);
    expect(first).toBeLessThan(0.6 * second);
    const [last = 0, before = 0] = mean(-1);
    expect(before).toBeLessThan(0.6 * last);
    const alone = simulatedStream(local, stream);
    expect(alone.requests).toMatchObject({ arrived: 30, answered: 30 });
    expect(alone.latencySeconds?.mean).toBeLessThanOrEqual(first);
  });

  it('takes the ways of a mix by turns', () => {
    const local = planOf(problem, '', [{ device: 'pi', nodes }], 'test');
    const mix = { variants: [{ stages: local.stages, transfers: local.transfers }], pattern: [0, 0, 1] };
    const { devices } = simulatedStream({ ...plan, mix }, wanted);
    expect(devices.find(({ device }) => device === 'server')?.jobs).toBe(20);
    expect(devices.find(({ device }) => device === 'pi')?.jobs).toBe(10);
  });
});

describe('bothText', () => {
  it('shows each figure simulated and measured, and measured / simulated where both are known', () => {
    const simulated = simulatedStream(plan, { ...wanted, atSeconds: every(0.5) });
    const measured = simulatedStream(plan, { ...wanted, atSeconds: every(1) });
    const text = bothText(simulated, measured);
    expect(text).toMatch(/steady pace +2\.00 requests\/s +1\.00 requests\/s +0\.500\n/);
    expect(text).toMatch(/sent +(\S+ \S+) +\1 +1\.000\n/);
    expect(text).toMatch(/energy +not known +not known\s*\n/);
    expect(text).toMatch(/pi > server busy +\S+ % +\S+ % +0\.5\d\d\n/);
  });

  it('leaves the ratio out where nothing was answered', () => {
    const none = metricsOf({
      header: {
        kind: 'trace',
        format: 1,
        origin: 'measured',
        clock: '',
        model: '',
        devices: [],
        links: [],
        plans: [],
      },
      events: [],
    });
    const text = bothText(simulatedStream(plan, wanted), none);
    expect(text).toMatch(/latency, mean +\S+ \S+ +not known\s*\n/);
  });
});
