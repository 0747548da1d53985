import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleCluster } from '../cluster/example-cluster.ts';
import type { CreateSha256 } from '../digest.ts';
import { InvalidInputError, RefusedError, TandemError, UnsupportedError } from '../errors.ts';
import { prefixCuts } from '../graph/cut.ts';
import type { Graph } from '../graph/graph.ts';
import { randomGraph } from '../graph/random-graph.ts';
import { createRandom } from '../random.ts';
import { seconds } from '../units.ts';
import { partForOverlap } from './part-for-overlap.ts';
import type { Plan, Stage } from './plan.ts';
import { planOf } from './plan-of.ts';
import type { Problem } from './problem.ts';
import { problemDigest } from './problem-digest.ts';
import { problemOf } from './problem-of.ts';
import { randomProblem } from './random-problem.ts';
import { readPlan } from './read-plan.ts';
import { transfersOf } from './transfers-of.ts';
import { validatePlan } from './validate-plan.ts';
import { writePlan } from './write-plan.ts';

const createSha256: CreateSha256 = () => {
  const hash = createHash('sha256');
  return { update: (bytes) => void hash.update(bytes), hexadecimal: () => hash.digest('hex') };
};

const chain = randomGraph(createRandom(3), { kind: 'chain', nodes: 4 });
const problem = problemOf(chain, exampleCluster());
const digest = problemDigest(problem, createSha256);
const stages: readonly Stage[] = [
  { device: 'pi', nodes: [0, 1] },
  { device: 'server', nodes: [2, 3] },
];
const plan = planOf(problem, digest, stages, 'test', {
  claim: { figure: 'latencySeconds', value: seconds(2) },
  why: { sentence: 'Because.', figure: 'latencySeconds', value: 2, runnerUp: { name: 'other', value: 3 } },
});

describe('problemOf', () => {
  it('takes source and sink from the options, then from the cluster, then the first device', () => {
    const ends = ({ workload }: Problem) => [workload.source, workload.sink];
    const { source: _, ...cluster } = exampleCluster();
    expect(ends(problemOf(chain, cluster))).toEqual(['pi', 'pi']);
    expect(ends(problemOf(chain, { ...cluster, source: 'server' }))).toEqual(['server', 'server']);
    expect(ends(problemOf(chain, { ...cluster, sink: 'server' }))).toEqual(['pi', 'server']);
    expect(ends(problemOf(chain, cluster, { source: 'server', sink: 'pi' }))).toEqual(['server', 'pi']);
    expect(() => problemOf(chain, cluster, { source: 'moon' })).toThrow(
      /'moon' is not in the cluster .* expected 'pi', 'server'/,
    );
  });
});

describe('problemDigest', () => {
  it('does not depend on the order of keys, and changes with what is in it', () => {
    const turned = Object.fromEntries(Object.entries(problem).reverse()) as unknown;
    expect(problemDigest(turned as Problem, createSha256)).toBe(digest);
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    const raw = problemOf(chain, exampleCluster(), { neverLeaveRawInput: true });
    expect(problemDigest(raw, createSha256)).not.toBe(digest);
  });
});

describe('planOf', () => {
  it('orders nodes, leaves out empty stages and derives the transfers', () => {
    const made = planOf(
      problem,
      digest,
      [
        { device: 'pi', nodes: [] },
        { device: 'server', nodes: [3, 1, 0, 2] },
      ],
      'test',
    );
    expect(made.stages).toEqual([{ device: 'server', nodes: [0, 1, 2, 3] }]);
    expect(made.transfers).toEqual([
      { tensor: 0, from: 'pi', to: 'server', codec: { kind: 'raw' } },
      { tensor: 4, from: 'server', to: 'pi', codec: { kind: 'raw' } },
    ]);
    expect(made.version).toBe(1);
  });

  it('sends a tensor with several remote readers once', () => {
    const { graph } = forkProblem();
    expect(graph.tensors[1]?.consumers).toEqual([1, 2]);
    const sent = transfersOf(forkProblem(), [
      { device: 'pi', nodes: [0] },
      { device: 'server', nodes: [1, 2] },
    ]);
    expect(sent.map(({ tensor, to }) => [tensor, to])).toEqual([
      [1, 'server'],
      [2, 'pi'],
      [3, 'pi'],
    ]);
  });
});

/** Node 0 feeds nodes 1 and 2; both outputs are returned. */
function forkProblem(): Problem {
  const nodes = chain.nodes
    .slice(0, 3)
    .map((node, id) => ({ ...node, inputs: [id === 0 ? 0 : 1], outputs: [id + 1] }));
  const tensors = chain.tensors.slice(0, 4).map((tensor, id) => ({
    ...tensor,
    consumers: id === 0 ? [0] : id === 1 ? [1, 2] : [],
  }));
  const graph: Graph = { ...chain, nodes, tensors, outputs: [2, 3] };
  return problemOf(graph, exampleCluster());
}

describe('validatePlan', () => {
  const crossing: readonly Stage[] = [
    { device: 'pi', nodes: [0, 2] },
    { device: 'server', nodes: [1, 3] },
  ];
  const swapped = [...stages].reverse();
  const withFold = {
    ...chain,
    nodes: chain.nodes.map((node) => (node.id === 2 ? { ...node, foldedInto: 1 } : node)),
  };
  const oneWay = { ...problem, cluster: { ...problem.cluster, links: problem.cluster.links.slice(0, 1) } };

  it.each<[string, Problem, Partial<Plan>, string[]]>([
    ['a good plan', problem, {}, []],
    [
      'a node in no stage',
      problem,
      { stages: [{ device: 'pi', nodes: [0, 1, 2] }] },
      ["Node 3 ('node3') is in no stage."],
    ],
    [
      'a node twice',
      problem,
      { stages: [...stages, { device: 'pi', nodes: [3] }] },
      ['Node 3 is in stage 1 and in stage 2.'],
    ],
    [
      'a node of another graph',
      problem,
      { stages: [{ device: 'pi', nodes: [0, 1, 2, 3, 9] }] },
      ['Stage 0 holds node 9, which is not in the graph.'],
    ],
    [
      'an empty stage',
      problem,
      { stages: [...stages, { device: 'pi', nodes: [] }] },
      ['Stage 2 has no nodes.'],
    ],
    [
      'nodes out of order',
      problem,
      { stages: [{ device: 'pi', nodes: [1, 0, 2, 3] }] },
      ['The nodes of stage 0 are not in ascending order.'],
    ],
    [
      'an unknown device',
      problem,
      { stages: [{ device: 'moon', nodes: [0, 1, 2, 3] }] },
      ["Device 'moon' is not in the cluster 'example: a weak device and this machine'."],
    ],
    [
      'a parted fold',
      { ...problem, graph: withFold },
      {},
      ['Node 2 is in stage 1 and node 1, which it is folded into, is not.'],
    ],
    [
      'stages that wait for each other',
      problem,
      { stages: crossing, transfers: transfersOf(problem, crossing) },
      [
        'Stage 0 is not convex: a path leaves it and comes back.',
        'Stage 1 is not convex: a path leaves it and comes back.',
        'Stage 0 reads from stage 1, which comes after it in the list.',
      ],
    ],
    [
      'stages in the wrong order',
      problem,
      { stages: swapped },
      ['Stage 0 reads from stage 1, which comes after it in the list.'],
    ],
    [
      'a missing transfer',
      problem,
      { transfers: plan.transfers.slice(1) },
      ["The transfer of tensor 2 from 'pi' to 'server' is missing."],
    ],
    [
      'a transfer too many',
      problem,
      { transfers: [...plan.transfers, { tensor: 0, from: 'pi', to: 'server', codec: { kind: 'raw' } }] },
      ["The transfer of tensor 0 from 'pi' to 'server' is not needed."],
    ],
    [
      'a transfer twice',
      problem,
      { transfers: [...plan.transfers, ...plan.transfers.slice(0, 1)] },
      ["The transfer of tensor 2 from 'pi' to 'server' is listed twice."],
    ],
    ['a missing link', oneWay, {}, ["No link leads from 'server' to 'pi'."]],
  ])('judges %s', (_what, on, change, faults) => {
    expect(validatePlan(on, { ...plan, ...change })).toEqual(faults);
  });

  it('sees two convex stages that wait for each other', () => {
    const base = forkProblem();
    // 0→1 and 2→3 with stages {0,3} and {1,2}.
    const nodes = chain.nodes.map((node, id) => ({
      ...node,
      inputs: [[0], [1], [0], [3]][id] ?? [],
      outputs: [id + 1],
    }));
    const tensors = chain.tensors.map((tensor, id) => ({
      ...tensor,
      consumers: [[0, 2], [1], [], [3], []][id] ?? [],
    }));
    const double = { ...base, graph: { ...chain, nodes, tensors, outputs: [2, 4] } };
    const waiting: readonly Stage[] = [
      { device: 'pi', nodes: [0, 3] },
      { device: 'server', nodes: [1, 2] },
    ];
    const faults = validatePlan(double, planOf(double, digest, waiting, 'test'));
    expect(faults).toContain('Stages wait for each other in a cycle.');
  });
});

describe('readPlan', () => {
  const text = writePlan(plan);
  const change = (fields: object): string => JSON.stringify({ ...(JSON.parse(text) as object), ...fields });

  it('reads what writePlan wrote', () => {
    expect(readPlan(text, problem, digest)).toEqual(plan);
    const { claim: _, ...unclaimed } = plan;
    expect(readPlan(writePlan(unclaimed), problem, digest)).toEqual(unclaimed);
    expect(text).toMatch(/^\{\n {2}"format": "tandem-plan",\n {2}"formatVersion": 1,/);
  });

  it.each<[string, string, typeof TandemError, RegExp]>([
    ['an empty file', '', InvalidInputError, /not JSON/],
    ['a file cut short', text.slice(0, 100), InvalidInputError, /not JSON/],
    ['another kind of JSON', '[1]', InvalidInputError, /format is absent, expected "tandem-plan"/],
    ['null', 'null', InvalidInputError, /format is absent/],
    [
      'another format',
      change({ format: 'plan' }),
      InvalidInputError,
      /format is "plan", expected "tandem-plan"/,
    ],
    [
      'a newer format',
      change({ formatVersion: 2, more: 1 }),
      UnsupportedError,
      /format version 2, expected 1/,
    ],
    [
      'an unknown field',
      change({ stagse: [] }),
      InvalidInputError,
      /stagse is not a known key, did you mean 'stages'\?/,
    ],
    [
      'a node that is no integer',
      change({ stages: [{ device: 'pi', nodes: [0.5] }] }),
      InvalidInputError,
      /stages\[0\]\.nodes is a list, expected/,
    ],
    [
      'an unknown codec',
      change({ transfers: [{ ...plan.transfers[0], codec: { kind: 'zip' } }] }),
      InvalidInputError,
      /transfers\[0\]\.codec\.kind is "zip", expected "raw"/,
    ],
    [
      'a runner-up without a name',
      change({ why: { ...plan.why, runnerUp: { value: 1 } } }),
      InvalidInputError,
      /why\.runnerUp\.name is absent/,
    ],
    ['a huge file', ' '.repeat(64 * 2 ** 20 + 1), InvalidInputError, /expected at most 67108864/],
    [
      'a digest that is none',
      change({ problemDigest: 'x' }),
      InvalidInputError,
      /problemDigest is "x", expected a SHA-256/,
    ],
    [
      'another problem',
      change({ problemDigest: 'a'.repeat(64) }),
      RefusedError,
      new RegExp(`problem a{64}, expected ${digest}`),
    ],
    [
      'a cycle',
      change({ stages: [...stages].reverse() }),
      InvalidInputError,
      /the plan cannot run:\nStage 0 reads from stage 1/,
    ],
  ])('refuses %s', (_what, bad, kind, message) => {
    expect(() => readPlan(bad, problem, digest)).toThrow(kind);
    expect(() => readPlan(bad, problem, digest)).toThrow(message);
  });

  it('answers any change of a byte with a plan or one of the errors', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: text.length - 1 }),
        fc.constantFrom('0', '9', '-', '"', '[', ']', '{', '}', ',', ':', 'x', '.', ' ', '\u0000'),
        (at, letter) => {
          try {
            expect(
              validatePlan(
                problem,
                readPlan(text.slice(0, at) + letter + text.slice(at + 1), problem, digest),
              ),
            ).toEqual([]);
          } catch (error) {
            expect(error).toBeInstanceOf(TandemError);
          }
        },
      ),
      { numRuns: 500, seed: 41 },
    );
  });
});

describe('partForOverlap', () => {
  it('places every node as before, in valid stages', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const random = createRandom(seed);
        const general = randomProblem(random, { elsewhere: 0.3, graph: { folded: 0.2 } });
        const cuts = prefixCuts(general.graph);
        const nodes = cuts[random.integer(cuts.length)]?.nodes ?? [];
        const behind = general.graph.nodes.map(({ id }) => id).filter((id) => !nodes.includes(id));
        const whole = planOf(
          general,
          '',
          [
            { device: 'd0', nodes },
            { device: 'd1', nodes: behind },
          ],
          'test',
        );
        const finer = planOf(general, '', partForOverlap(general, whole.stages), 'test');
        expect(validatePlan(general, finer)).toEqual([]);
        expect(new Set(finer.transfers.map(({ tensor }) => tensor))).toEqual(
          new Set(whole.transfers.map(({ tensor }) => tensor)),
        );
      }),
      { numRuns: 200, seed: 42 },
    );
  });
});
