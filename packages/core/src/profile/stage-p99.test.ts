import { describe, expect, it } from 'vitest';
import { exampleCluster } from '../cluster/example-cluster.ts';
import { graphOf } from '../graph/graph-of.ts';
import { seconds } from '../units.ts';
import { zooModel } from '../zoo/zoo.ts';
import { nodeRanges } from './node-ranges.ts';
import type { Profile } from './profile.ts';
import { stageP99 } from './stage-p99.ts';

const graph = graphOf(zooModel('cifar-resnet-8', { batch: 1 }));
const nodes = graph.nodes.map(({ id }) => id);
const [device] = exampleCluster().devices;
if (device === undefined) throw new Error('the example has devices');

const of = (row: object): Profile => ({
  rows: [],
  segments: [
    { device: device.id, segment: nodeRanges(nodes), seconds: seconds(2), source: 'measured', ...row },
  ],
});

describe('stageP99', () => {
  it('goes by the quartiles of measured passes', () => {
    const p99 = stageP99(of({ spreadSeconds: seconds(1.349) }), device, graph, nodes);
    expect(p99).toBeCloseTo(2 + 2.326, 9);
  });

  it('goes by the error of the predictor, which is large', () => {
    const p99 = stageP99(of({ source: 'predicted' }), device, graph, nodes) ?? 0;
    expect(p99).toBeGreaterThan(2 * 3);
    expect(p99).toBeLessThan(2 * 30);
  });

  it('says nothing where the time says nothing of how it varies', () => {
    expect(stageP99(of({}), device, graph, nodes)).toBeNull();
    expect(stageP99({ rows: [] }, device, graph, nodes)).toBeNull();
  });
});
