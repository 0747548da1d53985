import {
  type Bytes,
  bytes,
  createRandom,
  deviceMemory,
  exampleCluster,
  type Graph,
  graphOf,
  type Problem,
  peakActivation,
  prefixCuts,
  problemOf,
  randomGraph,
  randomProblem,
  zooModel,
} from '@tandem/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deviceFits } from './device-fit.ts';
import { activationPeak, memoryCurve } from './memory-curve.ts';

const everything = (graph: Graph): number[] => graph.nodes.map(({ id }) => id);

describe('memoryCurve', () => {
  it('peaks where core says, and ends with all parameters', () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom('chain', 'series-parallel', 'general'), (seed, kind) => {
        const graph = randomGraph(createRandom(seed), { kind, nodes: 12, folded: 0.2 });
        const curve = memoryCurve(graph);
        expect(activationPeak(curve)?.activationBytes).toBe(peakActivation(graph, everything(graph)));
        const used = new Set(graph.nodes.flatMap(({ parameters }) => parameters));
        const sum = graph.parameters.reduce(
          (total, { bytes: size }, id) => total + (used.has(id) ? size : 0),
          0,
        );
        expect(curve.at(-1)?.parameterBytes).toBe(sum);
      }),
    );
  });

  it('names the place in a known network', () => {
    const curve = memoryCurve(graphOf(zooModel('alexnet', { batch: 1 })));
    // The first convolution: its picture and what it and its ReLU make, 64 × 55 × 55 floats each.
    expect(activationPeak(curve)?.activationBytes).toBe(2 * 4 * 64 * 55 * 55);
  });
});

function withMemory(problem: Problem, memoryBytes: Bytes): Problem {
  const devices = problem.cluster.devices.map((device) => ({ ...device, memoryBytes }));
  return { ...problem, cluster: { ...problem.cluster, devices } };
}

/** Prices every run from one end until one does not fit. */
function scanned(problem: Problem, device: string, capacity: number, side: 'front' | 'back'): number {
  const alone: Problem = { ...problem, workload: { ...problem.workload, source: '', sink: '' } };
  const runs = prefixCuts(problem.graph).map(({ nodes }) =>
    side === 'front' ? nodes : everything(problem.graph).filter((id) => !nodes.includes(id)),
  );
  const needs = (side === 'front' ? runs : runs.reverse()).map((nodes) => ({
    count: nodes.length,
    ...deviceMemory(alone, { stages: nodes.length === 0 ? [] : [{ device, nodes }] }, device),
  }));
  const beyond = needs.findIndex(({ memoryBytes }) => memoryBytes > capacity);
  return needs.at(beyond < 0 ? -1 : Math.max(0, beyond - 1))?.count ?? 0;
}

describe('deviceFits', () => {
  it('finds the longest prefix and suffix that fit, and the layer that does not', () => {
    for (let seed = 0; seed < 100; seed++) {
      const random = createRandom(seed);
      const problem = randomProblem(random, {
        graph: { nodes: 12, folded: 0.2 },
        devices: 2,
        tightMemory: 1,
      });
      for (const { device, capacityBytes, front, back, whole, share } of deviceFits(problem)) {
        expect(front.nodes).toBe(scanned(problem, device, capacityBytes, 'front'));
        expect(back.nodes).toBe(scanned(problem, device, capacityBytes, 'back'));
        expect(front.overflowsAt === null).toBe(front.nodes === problem.graph.nodes.length);
        expect(back.overflowsAt === null).toBe(back.nodes === problem.graph.nodes.length);
        expect(front.overflowBytes ?? Number.POSITIVE_INFINITY).toBeGreaterThan(capacityBytes);
        expect(back.overflowBytes ?? Number.POSITIVE_INFINITY).toBeGreaterThan(capacityBytes);
        if (front.nodes > 0) expect(front.memoryBytes).toBeLessThanOrEqual(capacityBytes);
        if (front.overflowsAt === null) expect(front.memoryBytes).toBe(whole.memoryBytes);
        if (front.overflowsAt === null) expect(share).toBeLessThanOrEqual(1);
      }
    }
  });

  it('says at which layer of AlexNet a device overflows', () => {
    const problem = problemOf(graphOf(zooModel('alexnet', { batch: 1 })), exampleCluster());
    const large = deviceFits(problem)[0];
    expect(large).toMatchObject({
      device: 'pi',
      capacityBytes: 1e9,
      front: { overflowsAt: null, nodes: 19 },
    });
    const small = deviceFits(withMemory(problem, bytes(100e6)))[0];
    // The convolutions' 2,469,696 parameters; the first fully connected layer has 37,752,832.
    expect(small?.front).toMatchObject({ reaches: 'flatten', overflowsAt: 'classifier/fc1', nodes: 14 });
    expect(small?.front.memoryBytes).toBeGreaterThan(4 * 2_469_696);
    expect(small?.front.overflowBytes).toBeGreaterThan(4 * (2_469_696 + 37_752_832));
    expect(small?.back).toMatchObject({ overflowsAt: 'classifier/fc1', nodes: 4 });
  });

  it('is bounded by the host', () => {
    const problem = problemOf(graphOf(zooModel('cifar-resnet-8', { batch: 1 })), exampleCluster());
    const hosts = problem.cluster.hosts.map((host) => ({ ...host, memoryBytes: bytes(1000) }));
    const fit = deviceFits({ ...problem, cluster: { ...problem.cluster, hosts } })[0];
    expect(fit).toMatchObject({ capacityBytes: 1000, front: { nodes: 0, reaches: null } });
    expect(fit?.front.overflowsAt).toBe(problem.graph.nodes[0]?.name);
    expect(fit?.back.overflowsAt).toBe(
      problem.graph.nodes.findLast(({ foldedInto }) => foldedInto === null)?.name,
    );
  });
});
