import {
  graphOf,
  type Hertz,
  hertz,
  type Plan,
  parseCluster,
  planOf,
  problemOf,
  zooModel,
} from '@tandem/core';
import { describe, expect, it } from 'vitest';
import { clocksOf, clocksTogether } from './clocks-together.ts';

const graph = graphOf(zooModel('cifar-resnet-8', { batch: 1 }));
const [first, second] = ['pi', 'nano'] as const;
const problem = problemOf(
  graph,
  parseCluster({
    hosts: [{ id: first }, { id: second }],
    devices: [
      { id: first, host: first, like: 'raspberry-pi-4b' },
      { id: second, host: second, like: 'jetson-nano' },
    ],
    links: [{ from: first, to: second, megabitsPerSecond: 10, bothWays: true }],
    source: first,
  }),
);
const nodes = graph.nodes.map(({ id }) => id);

const at = (frequency: Readonly<Record<string, Hertz>>): { problem: typeof problem; plan: Plan } => ({
  problem,
  plan: { ...planOf(problem, '', [{ device: first, nodes }], 'by-hand'), frequency },
});

describe('clocksTogether', () => {
  it('has the clocks of all plans, the faster one where two differ', () => {
    const models = [at({ [first]: hertz(1e9) }), at({ [first]: hertz(1.2e9), [second]: hertz(1e9) })];
    for (const order of [models, models.toReversed()])
      expect(new Map(clocksTogether(order).map(({ device, hertz: rate }) => [device, rate]))).toEqual(
        new Map([
          [first, 1.2e9],
          [second, 1e9],
        ]),
      );
  });
});

describe('clocksOf', () => {
  it('leaves out what only another plan sets', () => {
    const set = { actuator: 'pace', hertz: hertz(1e9), reason: null, wantedHertz: hertz(1e9) };
    const clocks = [first, second].map((device) => ({ ...set, device }));
    expect(clocksOf(at({ [second]: hertz(1e9) }), clocks).map(({ device }) => device)).toEqual([second]);
  });
});
