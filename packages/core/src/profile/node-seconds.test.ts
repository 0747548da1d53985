import { describe, expect, it } from 'vitest';
import type { Device } from '../cluster/cluster.ts';
import { exampleCluster } from '../cluster/example-cluster.ts';
import { randomGraph } from '../graph/random-graph.ts';
import { createRandom } from '../random.ts';
import { bytes, bytesPerSecond, flops, flopsPerSecond, seconds } from '../units.ts';
import { leastCertain, nodeSeconds } from './node-seconds.ts';
import type { ProfileRow, Source } from './profile.ts';

const plain = randomGraph(createRandom(1), { kind: 'chain', nodes: 3 });
/** Each node moves 8 + 12 + 20 bytes. */
const graph = {
  ...plain,
  tensors: plain.tensors.map((tensor, id) => ({ ...tensor, bytes: bytes(id % 2 === 0 ? 8 : 12) })),
  nodes: plain.nodes.map((node) => ({ ...node, flops: flops(100), parameterBytes: bytes(20) })),
};
const device: Device = {
  ...exampleDevice(),
  flopsPerSecond: flopsPerSecond(50),
  memoryBytesPerSecond: bytesPerSecond(40),
  launchSeconds: seconds(0.5),
  load: 3,
};

function exampleDevice(): Device {
  const [first] = exampleCluster().devices;
  if (first === undefined) throw new Error('the example has no device');
  return first;
}

function row(node: string, time: number, source: Source, id = device.id): ProfileRow {
  return { node, device: id, seconds: seconds(time), source };
}

function timeOf(rows: readonly ProfileRow[], on: Device = device) {
  const [node] = graph.nodes;
  if (node === undefined) throw new Error('the graph has no node');
  return nodeSeconds({ rows }, on, graph, node);
}

describe('nodeSeconds', () => {
  it('is the larger of compute and memory, times load, plus launch', () => {
    expect(timeOf([])).toEqual({ seconds: (100 / 50) * 3 + 0.5, source: 'roofline' });
    const starved = { ...device, memoryBytesPerSecond: bytesPerSecond(10) };
    expect(timeOf([], starved)).toEqual({ seconds: (40 / 10) * 3 + 0.5, source: 'roofline' });
  });

  it.each<{ what: string; rows: ProfileRow[]; expected: { seconds: number; source: Source } }>([
    {
      what: 'measured before predicted',
      rows: [row('node0', 7, 'measured'), row('node0', 1, 'predicted')],
      expected: { seconds: 7, source: 'measured' },
    },
    {
      what: 'the last of equals',
      rows: [row('node0', 7, 'measured'), row('node0', 8, 'measured')],
      expected: { seconds: 8, source: 'measured' },
    },
    {
      what: 'predicted before the roofline',
      rows: [row('node0', 2, 'predicted')],
      expected: { seconds: 2, source: 'predicted' },
    },
    {
      what: 'nothing that belongs to another node or device',
      rows: [row('node1', 7, 'measured'), row('node0', 7, 'measured', 'server')],
      expected: { seconds: 6.5, source: 'roofline' },
    },
  ])('takes $what', ({ rows, expected }) => {
    expect(timeOf(rows)).toMatchObject(expected);
  });
});

describe('leastCertain', () => {
  it('orders measured, predicted, roofline', () => {
    expect(leastCertain('measured', 'predicted')).toBe('predicted');
    expect(leastCertain('roofline', 'predicted')).toBe('roofline');
    expect(leastCertain('measured', 'measured')).toBe('measured');
  });
});
