import { describe, expect, it } from 'vitest';
import type { Cluster, Device, Link } from '../cluster/cluster.ts';
import { InvalidInputError } from '../errors.ts';
import type { Graph, Node, Tensor } from '../graph/graph.ts';
import { partForOverlap } from '../plan/part-for-overlap.ts';
import type { Stage } from '../plan/plan.ts';
import { planOf } from '../plan/plan-of.ts';
import type { Problem } from '../plan/problem.ts';
import { type ProblemOptions, problemOf } from '../plan/problem-of.ts';
import { validatePlan } from '../plan/validate-plan.ts';
import { bitsPerSecond, bytes, bytesPerSecond, flops, flopsPerSecond, seconds } from '../units.ts';
import { createEvaluator, evaluate } from './evaluate.ts';

/** Nodes of one operation each; `reads` names the producers (-1 = the graph's input); tensor k+1 is node k's output. */
function testGraph(reads: readonly (readonly number[])[], sizes: readonly number[]): Graph {
  const nodes = reads.map(
    (producers, id): Node => ({
      id,
      source: id,
      name: `n${id}`,
      op: 'Test',
      domain: '',
      attributes: {},
      inputs: producers.map((producer) => producer + 1).sort((left, right) => left - right),
      outputs: [id + 1],
      parameters: [],
      flops: flops(1),
      parameterBytes: bytes(0),
      workspaceBytes: bytes(0),
      foldedInto: null,
    }),
  );
  const tensors = sizes.map(
    (size, id): Tensor => ({
      id,
      name: `t${id}`,
      type: 'float32',
      shape: [size / 4],
      bytes: bytes(size),
      producer: id === 0 ? 'input' : id - 1,
      consumers: nodes.filter(({ inputs }) => inputs.includes(id)).map((node) => node.id),
    }),
  );
  const outputs = tensors.filter(({ consumers }) => consumers.length === 0).map(({ id }) => id);
  return { name: 'test', opset: 17, inputs: [0], outputs, nodes, tensors, parameters: [] };
}

function testDevice(id: string, options: Partial<Device> = {}): Device {
  return {
    id,
    host: id,
    kind: 'cpu',
    memoryBytes: bytes(1e6),
    flopsPerSecond: flopsPerSecond(1),
    memoryBytesPerSecond: bytesPerSecond(1e9),
    launchSeconds: seconds(0),
    overheadBytes: bytes(0),
    load: 1,
    threads: 1,
    emulated: false,
    ...options,
  };
}

/** 8 bit/s: a byte takes a second. */
function testLink(from: string, to: string, options: Partial<Link> = {}): Link {
  return {
    from,
    to,
    rate: { kind: 'constant', bitsPerSecond: bitsPerSecond(8) },
    roundTripSeconds: seconds(0),
    perMessageSeconds: seconds(0),
    ...options,
  };
}

function testCluster(devices: readonly Device[], links: readonly Link[]): Cluster {
  const hosts = [...new Set(devices.map(({ host }) => host))];
  return { name: 'test', hosts: hosts.map((id) => ({ id, memoryBytes: bytes(1e6) })), devices, links };
}

const pair: Cluster = testCluster(
  [testDevice('device'), testDevice('cloud')],
  [testLink('device', 'cloud'), testLink('cloud', 'device')],
);

function priced(problem: Problem, stages: readonly Stage[]) {
  const plan = planOf(problem, '', stages, 'test');
  expect(validatePlan(problem, plan)).toEqual([]);
  return { plan, report: evaluate(problem, plan) };
}

/** Layers 1-2-3, 3→4, 3→5-6, {4,6}→7 are nodes 0…6; tensors 3 (after layer 3) and 6 take two seconds to send. */
function goldenProblem(): Problem {
  const graph = testGraph([[-1], [0], [1], [2], [2], [4], [3, 5]], [4, 4, 4, 2, 4, 4, 2, 4]);
  return problemOf(graph, pair, { source: 'device', sink: 'cloud' });
}

const goldenStages: readonly Stage[] = [
  { device: 'device', nodes: [0, 1, 2, 4, 5] },
  { device: 'cloud', nodes: [3, 6] },
];

describe('evaluate', () => {
  it('overlaps compute and transfers as in the worked example', () => {
    const problem = goldenProblem();
    const { plan, report } = priced(problem, partForOverlap(problem, goldenStages));
    expect(plan.stages).toEqual([
      { device: 'device', nodes: [0, 1, 2] },
      { device: 'device', nodes: [4, 5] },
      { device: 'cloud', nodes: [3] },
      { device: 'cloud', nodes: [6] },
    ]);
    expect(report.stages.map((stage) => [stage.startSeconds, stage.endSeconds])).toEqual([
      [0, 3],
      [3, 5],
      [5, 6],
      [7, 8],
    ]);
    expect(report.transfers.map((sent) => [sent.tensor, sent.startSeconds, sent.endSeconds])).toEqual([
      [3, 3, 5],
      [6, 5, 7],
    ]);
    expect(report.latencySeconds).toBe(8);
    expect(report.periodSeconds).toBe(5);
    expect(report.devices.map(({ busySeconds }) => busySeconds)).toEqual([5, 2]);
    expect(report.links).toMatchObject([{ from: 'device', to: 'cloud', busySeconds: 4, bytes: 4 }]);
    expect(report.overlap).toEqual({
      firstSeconds: 5,
      transferSeconds: 4,
      secondSeconds: 2,
      parallelTransferSeconds: 2,
      parallelSecondSeconds: 1,
      computeBubbleSeconds: 3,
      transferBubbleSeconds: 1,
    });
  });

  it('gives a stage all its outputs at its end: the same placement in two whole stages takes the plain sum', () => {
    const { report } = priced(goldenProblem(), goldenStages);
    expect(report.latencySeconds).toBe(5 + 4 + 2);
    expect(report.overlap).toMatchObject({ parallelTransferSeconds: 0, parallelSecondSeconds: 0 });
  });

  it('sends at the rates that a trace has from the moment at which the tensor arises', () => {
    const graph = testGraph([[-1], [0]], [4, 6, 4]);
    // A byte a second for 2 s, then a byte in 2 s: of 6 bytes that arise at 1 s, the first takes 1 s and the others 10 s.
    const points = [
      { seconds: seconds(0), bitsPerSecond: bitsPerSecond(8) },
      { seconds: seconds(2), bitsPerSecond: bitsPerSecond(4) },
    ];
    const link = testLink('device', 'cloud', { rate: { kind: 'trace', points, loop: false } });
    const problem = problemOf(graph, testCluster(pair.devices, [link]), { sink: 'cloud' });
    const { report } = priced(problem, [
      { device: 'device', nodes: [0] },
      { device: 'cloud', nodes: [1] },
    ]);
    expect(report.transfers[0]).toMatchObject({ startSeconds: 1, endSeconds: 1 + 1 + 10 });
    expect(report.links[0]?.busySeconds).toBe(11);
    expect(report.periodSeconds).toBe(6);
    expect(report.latencySeconds).toBe(13);
  });

  it('says which tensor never arrives over a trace that ends in an outage', () => {
    const graph = testGraph([[-1], [0]], [4, 6, 4]);
    const points = [
      { seconds: seconds(0), bitsPerSecond: bitsPerSecond(8) },
      { seconds: seconds(2), bitsPerSecond: bitsPerSecond(0) },
    ];
    const link = testLink('device', 'cloud', { rate: { kind: 'trace', points, loop: false } });
    const problem = problemOf(graph, testCluster(pair.devices, [link]), { sink: 'cloud' });
    const { report } = priced(problem, [
      { device: 'device', nodes: [0] },
      { device: 'cloud', nodes: [1] },
    ]);
    expect(report.violations).toEqual([
      "The tensor 't1', sent from 'device' to 'cloud' at 1 s, never arrives: the link's trace ends at 0 bit/s before all of it is sent.",
    ]);
    expect(report).toMatchObject({ latencySeconds: Number.POSITIVE_INFINITY, energyJoules: null });
    expect(report.stages[1]?.startSeconds).toBe(Number.POSITIVE_INFINITY);
  });

  it.each([
    { memory: 'resident', rate: 25, load: 0 },
    { memory: 'transient', rate: 25, load: 4 },
    { memory: 'transient', rate: undefined, load: 0 },
  ] as const)(
    'loads $memory parameters at $rate byte/s in $load s for each request',
    ({ memory, rate, load }) => {
      const plain = testGraph([[-1], [0]], [4, 4, 4]);
      const weights = [{ id: 0, name: 'w', elements: 25, bytes: bytes(100), learned: true }];
      const [first, ...others] = plain.nodes;
      if (first === undefined) throw new Error('no nodes');
      const nodes = [{ ...first, parameters: [0], parameterBytes: bytes(100) }, ...others];
      const device = testDevice(
        'device',
        rate === undefined ? {} : { loadBytesPerSecond: bytesPerSecond(rate) },
      );
      const problem = problemOf({ ...plain, nodes, parameters: weights }, testCluster([device], []), {
        memory,
      });
      const { report } = priced(problem, [{ device: 'device', nodes: [0, 1] }]);
      expect(report.stages).toMatchObject([{ loadSeconds: load, computeSeconds: 2, endSeconds: 2 + load }]);
      expect(report.devices[0]?.busySeconds).toBe(2 + load);
      expect(report.periodSeconds).toBe(2 + load);
    },
  );

  it('goes there and back, paying half a round trip each way outside the links', () => {
    const graph = testGraph([[-1], [0], [1]], [4, 8, 2, 4]);
    const cluster = testCluster(pair.devices, [
      testLink('device', 'cloud', { roundTripSeconds: seconds(1), perMessageSeconds: seconds(0.25) }),
      testLink('cloud', 'device', { roundTripSeconds: seconds(3) }),
    ]);
    const { report } = priced(problemOf(graph, cluster), [
      { device: 'device', nodes: [0] },
      { device: 'cloud', nodes: [1] },
      { device: 'device', nodes: [2] },
    ]);
    expect(report.latencySeconds).toBe(1 + (0.25 + 8 + 0.5) + 1 + (2 + 1.5) + 1);
    expect(report.links.map(({ busySeconds }) => busySeconds)).toEqual([8.25, 2]);
    expect(report.periodSeconds).toBe(8.25);
    expect(report.bytesSent).toBe(10);
  });

  it('lets a device run the first ready stage of the list and never wait for a later one', () => {
    const graph = testGraph([[-1], [0], [-1]], [4, 4, 4, 4]);
    const { report } = priced(problemOf(graph, pair), [
      { device: 'cloud', nodes: [0] },
      { device: 'device', nodes: [1] },
      { device: 'device', nodes: [2] },
    ]);
    expect(report.stages.map(({ startSeconds }) => startSeconds)).toEqual([4, 9, 0]);
  });

  it('sends a graph input and a graph output only where they are wanted', () => {
    const graph = testGraph([[-1], [0]], [4, 4, 6]);
    const problem = problemOf(graph, pair, { sink: 'cloud' });
    expect(priced(problem, [{ device: 'cloud', nodes: [0, 1] }]).report.bytesSent).toBe(4);
    expect(priced(problem, [{ device: 'device', nodes: [0, 1] }]).report.bytesSent).toBe(6);
  });

  it('prices a graph without nodes: only what passes through', () => {
    const graph: Graph = { ...testGraph([], [4]), outputs: [0] };
    expect(priced(problemOf(graph, pair, { sink: 'cloud' }), []).report.latencySeconds).toBe(4);
    expect(priced(problemOf(graph, pair), []).report.latencySeconds).toBe(0);
  });

  it('holds parameters, activations and the runtime against each device', () => {
    const plain = testGraph([[-1], [0]], [40, 80, 8]);
    const weights = [{ id: 0, name: 'w', elements: 25, bytes: bytes(100), learned: true }];
    const nodes = plain.nodes.map((node) => ({ ...node, parameters: [0], parameterBytes: bytes(100) }));
    const small = testDevice('device', { memoryBytes: bytes(235), overheadBytes: bytes(8) });
    const cluster = testCluster([small, testDevice('cloud')], pair.links);
    const problem = problemOf({ ...plain, nodes, parameters: weights }, cluster);
    const { report } = priced(problem, [{ device: 'device', nodes: [0, 1] }]);
    expect(report.devices).toEqual([
      {
        device: 'device',
        busySeconds: 2,
        parameterBytes: 100,
        activationBytes: 128,
        retainedBytes: 0,
        queueBytes: 0,
        overheadBytes: 8,
        memoryBytes: 236,
        loadPeakBytes: 108,
        bubbles: { internalSeconds: 0, windowSeconds: 0, steadySeconds: 0 },
        energy: null,
      },
    ]);
    expect(report.hosts).toEqual([{ host: 'device', memoryBytes: 236 }]);
    expect(report.violations).toEqual([
      "Device 'device' needs 236 bytes (parameters 100, activations 128, runtime 8), 1 more than its 235.",
    ]);
  });

  it('counts tensors that wait on a device for its other stages, and raw input that only passes', () => {
    const graph = testGraph([[-1], [0], [1, 0]], [16, 32, 4, 4]);
    const stages = [
      { device: 'device', nodes: [0] },
      { device: 'cloud', nodes: [1] },
      { device: 'device', nodes: [2] },
    ];
    const { report } = priced(problemOf(graph, pair), stages);
    // Node 0 holds tensors 0 and 1 while 2 and 3 may be there for node 2.
    expect(report.devices.map(({ activationBytes }) => activationBytes)).toEqual([56, 36]);
    const away = priced(problemOf(graph, pair), [{ device: 'cloud', nodes: [0, 1, 2] }]).report;
    expect(away.devices[0]?.activationBytes).toBe(16 + 4);
  });

  it('adds up the devices of one host', () => {
    const graph = testGraph([[-1], [0]], [40, 40, 40]);
    const devices = [testDevice('device'), testDevice('cloud', { host: 'device' })];
    const cluster = {
      ...testCluster(devices, pair.links),
      hosts: [{ id: 'device', memoryBytes: bytes(150) }],
    };
    const { report } = priced(problemOf(graph, cluster), [
      { device: 'device', nodes: [0] },
      { device: 'cloud', nodes: [1] },
    ]);
    expect(report.violations).toEqual([
      "Host 'device' must hold 200 bytes for 'device', 'cloud', 50 more than its 150.",
    ]);
  });

  it.each([
    { what: 'a missing link', links: [], options: {}, violation: "No link leads from 'device' to 'cloud'" },
    {
      what: 'a link of rate 0',
      links: [testLink('device', 'cloud', { rate: { kind: 'constant', bitsPerSecond: bitsPerSecond(0) } })],
      options: { sink: 'cloud' },
      violation: "The link from 'device' to 'cloud' has 0 bit/s at all times",
    },
    {
      what: 'raw input that leaves',
      links: pair.links,
      options: { neverLeaveRawInput: true },
      violation: "The graph input 't0' would leave 'device'",
    },
  ])('names $what as a violation', ({ links, options, violation }) => {
    const cluster = testCluster(pair.devices, links);
    const settings: ProblemOptions = options;
    const problem = problemOf(testGraph([[-1]], [4, 4]), cluster, settings);
    const report = evaluate(problem, planOf(problem, '', [{ device: 'cloud', nodes: [0] }], 'test'));
    expect(report.violations[0]).toContain(violation);
    if (links.length < 2) expect(report.latencySeconds).toBe(Number.POSITIVE_INFINITY);
  });

  it('refuses plans that cannot be followed', () => {
    const problem = problemOf(testGraph([[-1], [0], [1]], [4, 4, 4, 4]), pair);
    const plan = planOf(problem, '', [{ device: 'cloud', nodes: [0, 1, 2] }], 'test');
    const cycle = planOf(
      problem,
      '',
      [
        { device: 'device', nodes: [0, 2] },
        { device: 'cloud', nodes: [1] },
      ],
      'test',
    );
    expect(() => evaluate(problem, { ...plan, transfers: [] })).toThrow(InvalidInputError);
    expect(() => evaluate(problem, { ...plan, stages: [{ device: 'moon', nodes: [0, 1, 2] }] })).toThrow(
      /moon/,
    );
    expect(() => evaluate(problem, cycle)).toThrow(/wait for each other/);
  });

  it('says the least certain source among the times used', () => {
    const graph = testGraph([[-1], [0]], [4, 4, 4]);
    const rows = [
      { node: 'n0', device: 'device', seconds: seconds(2), source: 'measured' as const },
      { node: 'n1', device: 'device', seconds: seconds(3), source: 'predicted' as const },
    ];
    const problem = problemOf(graph, pair, { profile: { rows } });
    const { report } = priced(problem, [{ device: 'device', nodes: [0, 1] }]);
    expect(report).toMatchObject({ source: 'predicted', latencySeconds: 5 });
  });

  it('counts evaluations', () => {
    const problem = goldenProblem();
    const evaluator = createEvaluator(problem);
    const plan = planOf(problem, '', goldenStages, 'test');
    expect(evaluator.evaluate(plan)).toEqual(evaluate(problem, plan));
    evaluator.evaluate(plan);
    expect(evaluator.evaluations).toBe(2);
  });
});
