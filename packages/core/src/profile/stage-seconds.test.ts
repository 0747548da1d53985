import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Device } from '../cluster/cluster.ts';
import { exampleCluster } from '../cluster/example-cluster.ts';
import { randomGraph } from '../graph/random-graph.ts';
import { createRandom } from '../random.ts';
import { seconds } from '../units.ts';
import { nodeRanges } from './node-ranges.ts';
import { nodeSeconds } from './node-seconds.ts';
import type { Profile, ProfileRow, SegmentTime, Source } from './profile.ts';
import { stageSeconds } from './stage-seconds.ts';

const graph = randomGraph(createRandom(1), { kind: 'chain', nodes: 3 });
const device = exampleDevice();

function exampleDevice(): Device {
  const [first] = exampleCluster().devices;
  if (first === undefined) throw new Error('the example has no device');
  return first;
}

const row = (node: string, time: number, source: Source = 'measured'): ProfileRow => ({
  node,
  device: device.id,
  seconds: seconds(time),
  source,
});

const segment = (text: string, time: number, more: Partial<SegmentTime> = {}): SegmentTime => ({
  segment: text,
  device: device.id,
  seconds: seconds(time),
  source: 'measured',
  ...more,
});

const rows = [row('node0', 1), row('node1', 2, 'predicted'), row('node2', 4)];

describe('stageSeconds', () => {
  it('adds up nodes and is as certain as the least certain of them', () => {
    expect(stageSeconds({ rows }, device, graph, [0, 2])).toEqual({ seconds: 5, source: 'measured' });
    expect(stageSeconds({ rows }, device, graph, [0, 1, 2])).toEqual({ seconds: 7, source: 'predicted' });
    expect(stageSeconds({ rows: [] }, device, graph, [])).toEqual({ seconds: 0, source: 'measured' });
  });

  it.each<{ what: string; segments: SegmentTime[]; expected: object }>([
    {
      what: 'the measured segment before its nodes, with its spread',
      segments: [segment('0-1', 2.5, { spreadSeconds: seconds(0.25) })],
      expected: { seconds: 2.5, spreadSeconds: 0.25, source: 'measured' },
    },
    {
      what: 'nodes before a segment of a less certain source',
      segments: [segment('0-1', 2.5, { source: 'roofline' })],
      expected: { seconds: 3, source: 'predicted' },
    },
    {
      what: 'a segment as certain as its nodes',
      segments: [segment('0-1', 2.5, { source: 'predicted' })],
      expected: { seconds: 2.5, source: 'predicted' },
    },
    {
      what: 'no other segment and none of another device',
      segments: [segment('0-2', 9), segment('0', 9), segment('0-1', 9, { device: 'server' })],
      expected: { seconds: 3, source: 'predicted' },
    },
    {
      what: 'the last of equal segments',
      segments: [segment('0-1', 8), segment('0-1', 2)],
      expected: { seconds: 2, source: 'measured' },
    },
  ])('takes $what', ({ segments, expected }) => {
    expect(stageSeconds({ rows, segments }, device, graph, [0, 1])).toEqual(expected);
  });

  it('scales measured nodes so that all of them take what the measured whole takes', () => {
    const measured = [row('node0', 1), row('node1', 3), row('node2', 4)];
    const profile = { rows: measured, segments: [segment('0-2', 10)] };
    expect(stageSeconds(profile, device, graph, [0, 1])).toEqual({ seconds: 5, source: 'measured' });
    expect(stageSeconds(profile, device, graph, [0, 1, 2])).toEqual({ seconds: 10, source: 'measured' });
  });

  it.each<{ what: string; profile: Profile }>([
    { what: 'a node was not measured', profile: { rows: rows.slice(1), segments: [segment('0-2', 99)] } },
    { what: 'a node was only predicted', profile: { rows, segments: [segment('0-2', 99)] } },
    {
      what: 'the whole was only predicted',
      profile: {
        rows: [row('node0', 1), row('node1', 2), row('node2', 4)],
        segments: [segment('0-2', 99, { source: 'predicted' })],
      },
    },
  ])('leaves nodes as they are where $what', ({ profile }) => {
    expect(stageSeconds(profile, device, graph, [2]).seconds).toBe(4);
  });

  it('is never negative, never less certain than its nodes, and additive where no segment is known', () => {
    const time = fc.double({ min: 0, max: 1e6, noNaN: true });
    const source = fc.constantFrom<Source>('measured', 'predicted', 'roofline');
    const nodeRow = fc
      .tuple(fc.nat(2), time, source)
      .map(([node, value, from]) => row(`node${node}`, value, from));
    const nodes = fc.subarray([0, 1, 2]);
    const segmentRow = fc
      .tuple(nodes, time, source)
      .map(([ids, value, from]) => segment(nodeRanges(ids), value, { source: from }));
    fc.assert(
      fc.property(fc.array(nodeRow), fc.array(segmentRow), nodes, (some, segments, ids) => {
        const profile = { rows: some, segments };
        const stage = stageSeconds(profile, device, graph, ids);
        const order = ['measured', 'predicted', 'roofline'];
        const parts = ids.map((id) => nodeSeconds(profile, device, graph, graph.nodes[id]!));
        expect(stage.seconds).toBeGreaterThanOrEqual(0);
        const worst = Math.max(0, ...parts.map((part) => order.indexOf(part.source)));
        expect(order.indexOf(stage.source)).toBeLessThanOrEqual(worst);
        if (segments.some((known) => known.segment === nodeRanges(ids))) return;
        expect(stage.seconds).toBeCloseTo(
          parts.reduce((sum, part) => sum + part.seconds, 0),
          6,
        );
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});
