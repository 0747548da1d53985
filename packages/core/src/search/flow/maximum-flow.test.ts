import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../random.ts';
import type { FlowNetwork } from './flow-network.ts';
import { cutCapacity, maximumFlow } from './maximum-flow.ts';

type Arc = readonly [tail: number, head: number, capacity: number];

const infinite = Number.POSITIVE_INFINITY;

function network(vertices: number, arcs: readonly Arc[]): FlowNetwork {
  return {
    vertices,
    source: 0,
    sink: vertices - 1,
    tails: arcs.map(([tail]) => tail),
    heads: arcs.map(([, head]) => head),
    capacities: arcs.map(([, , capacity]) => capacity),
  };
}

/** Every cut: the least capacity, and the vertices on the source's side of all and of any of the cuts that have it. */
function bruteForce(flow: FlowNetwork): { value: number; all: number[]; any: number[] } {
  const { vertices, source, sink } = flow;
  let value = infinite;
  let best: number[][] = [];
  for (let bits = 0; bits < 2 ** vertices; bits++) {
    const side = Array.from({ length: vertices }, (_, vertex) => (bits >> vertex) & 1);
    if (side[source] !== 1 || side[sink] !== 0) continue;
    const capacity = cutCapacity(flow, side);
    if (capacity < value) best = [];
    if (capacity <= value) best.push(side);
    value = Math.min(value, capacity);
  }
  const merged = (merge: (left: number, right: number) => number): number[] =>
    best.reduce((left, right) => left.map((mark, vertex) => merge(mark, right[vertex] ?? 0)));
  return { value, all: merged(Math.min), any: merged(Math.max) };
}

const networks = (capacity: fc.Arbitrary<number>, most = 9): fc.Arbitrary<FlowNetwork> =>
  fc.integer({ min: 2, max: most }).chain((vertices) => {
    const vertex = fc.nat({ max: vertices - 1 });
    return fc
      .array(fc.tuple(vertex, vertex, capacity), { maxLength: 3 * vertices })
      .map((arcs) => network(vertices, arcs));
  });

const whole = fc.oneof({ weight: 6, arbitrary: fc.nat({ max: 5 }) }, fc.constant(infinite));

describe('maximumFlow', () => {
  it('finds the least cut and both extremal ones among the least', () => {
    fc.assert(
      fc.property(networks(whole), (flow) => {
        const { value, nearSource, nearSink } = maximumFlow(flow);
        const expected = bruteForce(flow);
        expect(value).toBe(expected.value);
        expect([...nearSource]).toEqual(expected.all);
        expect([...nearSink]).toEqual(expected.any);
      }),
      { seed: 11, numRuns: 600 },
    );
  });

  it('finds them among twelve vertices, too', () => {
    fc.assert(
      fc.property(networks(whole, 12), (flow) => {
        expect(maximumFlow(flow).value).toBe(bruteForce(flow).value);
      }),
      { seed: 12, numRuns: 30 },
    );
  });

  it('finds the least cut of capacities that are not whole', () => {
    const capacity = fc.double({ min: 0, max: 3, noNaN: true });
    fc.assert(
      fc.property(networks(capacity), (flow) => {
        const { value, nearSource, nearSink } = maximumFlow(flow);
        const expected = bruteForce(flow).value;
        expect(value).toBeCloseTo(expected, 9);
        expect(cutCapacity(flow, nearSource)).toBe(value);
        expect(cutCapacity(flow, nearSink)).toBeCloseTo(expected, 9);
      }),
      { seed: 13, numRuns: 300 },
    );
  });

  it('takes sums of doubles that should be equal for equal', () => {
    const flow = network(4, [
      [0, 1, 0.1],
      [0, 1, 0.2],
      [1, 2, 0.3],
      [2, 3, 0.1],
      [2, 3, 0.2],
    ]);
    const { nearSource, nearSink } = maximumFlow(flow);
    expect([...nearSource]).toEqual([1, 0, 0, 0]);
    expect([...nearSink]).toEqual([1, 1, 1, 0]);
  });

  it('ends on a path as long as the graph, and on many vertices', () => {
    const length = 20_000;
    const path = Array.from({ length }, (_, vertex): Arc => [vertex, vertex + 1, vertex === 7 ? 1 : 2]);
    const { value, nearSource } = maximumFlow(network(length + 1, path));
    expect(value).toBe(1);
    expect(nearSource.reduce((sum, mark) => sum + mark, 0)).toBe(8);
  });

  it('leaves no way out of its cuts on a graph too large to try all of them', () => {
    const random = createRandom(5);
    const arcs = Array.from({ length: 3000 }, (): Arc => {
      const tail = random.integer(679);
      return [tail, Math.min(679, tail + 1 + random.integer(9)), random.next()];
    });
    const flow = network(680, arcs);
    const { value, nearSource, nearSink } = maximumFlow(flow);
    expect(cutCapacity(flow, nearSink)).toBeCloseTo(value, 9);
    const moved = (side: Uint8Array, vertex: number): number => {
      const other = side.slice();
      other[vertex] = 1 - (other[vertex] ?? 0);
      return cutCapacity(flow, other);
    };
    for (let vertex = 1; vertex < 679; vertex++) {
      expect(moved(nearSource, vertex)).toBeGreaterThanOrEqual(value - 1e-9);
      expect(nearSource[vertex]).toBeLessThanOrEqual(nearSink[vertex] ?? 0);
    }
  });

  it.each([
    {
      what: 'a source that is the sink',
      flow: { ...network(2, []), sink: 0 },
      message: 'from vertex 0 to 0',
    },
    { what: 'an arc out of the graph', flow: network(2, [[0, 2, 1]]), message: 'Arc 0 leads from 0 to 2' },
    { what: 'less than nothing', flow: network(2, [[0, 1, -1]]), message: 'the capacity -1' },
    { what: 'a missing number', flow: network(2, [[0, 1, Number.NaN]]), message: 'the capacity NaN' },
    { what: 'a missing head', flow: { ...network(2, [[0, 1, 1]]), heads: [] }, message: '0 heads' },
  ])('refuses $what', ({ flow, message }) => {
    expect(() => maximumFlow(flow)).toThrow(message);
  });
});
