import { graphOf, layerKinds, type SegmentWork, segmentWork, zooModel } from '@tandem/core';
import { describe, expect, it } from 'vitest';
import { networks } from './networks.ts';

const gigaMacs = (work: SegmentWork): number =>
  layerKinds.reduce((sum, kind) => sum + (kind === 'other' ? 0 : work.kinds[kind].flops), 0) / 2e9;

/** Where the table's network differs from the published one, and by how much at most. */
const tolerances: Readonly<Record<string, number>> = {
  squeezenet: 0.12, // 227 × 227 pixels; published at 224
  proxylessnasnet: 0.06, // its first block is 32 wide in the benchmark, 16 in the paper
};

describe('networks', () => {
  it.each(Object.entries(networks))(
    '%s counts as published',
    (name, { work, megaParameters, gigaMacs: published }) => {
      const counted = work();
      expect(Math.abs(counted.parameterBytes / 4e6 / megaParameters - 1)).toBeLessThan(0.02);
      expect(Math.abs(gigaMacs(counted) / published - 1)).toBeLessThan(tolerances[name] ?? 0.02);
    },
  );

  it('counts a layer list as it counts the graph of the same network', () => {
    const graph = graphOf(zooModel('mobilenet-v2', { batch: 1 }));
    const fromGraph = segmentWork(
      graph,
      graph.nodes.map(({ id }) => id),
    );
    const fromList = networks['mobilenet_v2']?.work();
    for (const kind of ['convolution', 'pointwise', 'depthwise', 'matrix'] as const) {
      expect(fromList?.kinds[kind].layers).toBe(fromGraph.kinds[kind].layers);
      const ratio = (fromList?.kinds[kind].bytesMoved ?? 0) / fromGraph.kinds[kind].bytesMoved;
      expect(ratio).toBeCloseTo(1, 1);
    }
  });
});
