import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { exampleCluster } from '../cluster/example-cluster.ts';
import type { CreateSha256 } from '../digest.ts';
import { InvalidInputError } from '../errors.ts';
import { randomGraph } from '../graph/random-graph.ts';
import { createRandom } from '../random.ts';
import { bytes, flops } from '../units.ts';
import type { ExitTable } from './exit-table.ts';
import { partAtExits } from './part-at-exits.ts';
import type { Plan } from './plan.ts';
import { planOf } from './plan-of.ts';
import type { ExitPoint, ExitPolicy, Policies, PrecisionPolicy } from './policies.ts';
import { policiesDigest } from './policies-digest.ts';
import { problemDigest } from './problem-digest.ts';
import { problemOf } from './problem-of.ts';
import { readPlan } from './read-plan.ts';
import { validatePlan } from './validate-plan.ts';
import { writePlan } from './write-plan.ts';

const createSha256: CreateSha256 = () => {
  const hash = createHash('sha256');
  return { update: (chunk) => void hash.update(chunk), hexadecimal: () => hash.digest('hex') };
};

/** Nodes 0 to 4; node n reads tensor n and yields tensor n + 1. */
const chain = randomGraph(createRandom(3), { kind: 'chain', nodes: 5 });

const head = (tensor: number) => ({
  tensor,
  kind: 'confidence' as const,
  flops: flops(10),
  movedBytes: bytes(20),
  parameterBytes: bytes(8),
  answerBytes: bytes(4),
});
const point = (tensor: number, share: number): ExitPoint => ({
  tensor,
  kind: 'confidence',
  threshold: 0.8,
  share,
});
const setting: ExitPolicy = { points: [point(1, 0.25), point(3, 0.5)], accuracyLoss: 0.01 };
const table: ExitTable = { heads: [head(1), head(3)], settings: [setting] };
const problem = problemOf(chain, exampleCluster(), { exits: table });
const digest = problemDigest(problem, createSha256);
const whole = [
  { device: 'pi', nodes: [0, 1, 2] },
  { device: 'server', nodes: [3, 4] },
];
const precision: PrecisionPolicy = {
  rule: 'fill',
  transfers: [{ tensor: 3, to: 'server' }],
  bits: [
    { bits: 4, share: 0.5 },
    { bits: 8, share: 0.5 },
  ],
};

function planWith(policies: Policies, stages = partAtExits(problem, whole, setting.points)): Plan {
  return planOf(problem, digest, stages, 'test', {
    policies,
    codecOf: ({ tensor }) =>
      tensor === 3 ? { kind: 'affine', bits: 6, perChannel: false } : { kind: 'raw' },
  });
}

describe('partAtExits', () => {
  it('ends stages at the exits', () => {
    expect(partAtExits(problem, whole, setting.points)).toEqual([
      { device: 'pi', nodes: [0] },
      { device: 'pi', nodes: [1, 2] },
      { device: 'server', nodes: [3, 4] },
    ]);
  });
});

describe('policies in a plan', () => {
  it('are valid, and the same after writing and reading', () => {
    const plan = planWith({ exits: setting, precision });
    expect(validatePlan(problem, plan)).toEqual([]);
    expect(readPlan(writePlan(plan), problem, digest)).toEqual(plan);
  });

  it('have a digest that no order of keys changes', () => {
    const turned = Object.fromEntries(Object.entries(precision).reverse()) as unknown as PrecisionPolicy;
    expect(policiesDigest({ precision: turned }, createSha256)).toBe(
      policiesDigest({ precision }, createSha256),
    );
    expect(policiesDigest({ precision: { ...precision, rule: 'paper-min' } }, createSha256)).not.toBe(
      policiesDigest({ precision }, createSha256),
    );
  });

  it.each<[string, Policies, RegExp]>([
    ['shares of no setting', { exits: { ...setting, accuracyLoss: 0 } }, /no setting of the problem's table/],
    [
      'nothing covered',
      { precision: { ...precision, transfers: [] } },
      /names transfers that the plan does not/,
    ],
    [
      'a transfer that is not there',
      { precision: { ...precision, transfers: [{ tensor: 2, to: 'server' }] } },
      /names transfers that the plan does not/,
    ],
    [
      'a transfer that is raw',
      { precision: { ...precision, transfers: [{ tensor: 5, to: 'pi' }] } },
      /tensor 5, which travels as raw/,
    ],
    ['bits out of order', { precision: { ...precision, bits: [...precision.bits].reverse() } }, /ascending/],
    [
      'shares that are no whole',
      { precision: { ...precision, bits: [{ bits: 4, share: 0.5 }] } },
      /add up to 0\.5, expected 1/,
    ],
  ])('are refused with %s', (_what, policies, expected) => {
    expect(validatePlan(problem, planWith(policies))).toEqual([expect.stringMatching(expected)]);
  });

  it('are refused where an exit is inside a stage, where nothing can bring its answers, and without a table', () => {
    expect(validatePlan(problem, planWith({ exits: setting }, whole))).toEqual([
      expect.stringMatching(/exit at tensor 1 is not at the end of stage 0/),
      expect.stringMatching(/exit at tensor 3 is in no stage after that of the exit before it/),
    ]);
    const { exits: _, ...bare } = problem;
    expect(validatePlan(bare, planWith({ exits: setting }))).toEqual([expect.stringMatching(/no table/)]);
    const oneWay = {
      ...problem,
      workload: { ...problem.workload, sink: 'server' },
      cluster: { ...problem.cluster, links: problem.cluster.links.filter(({ from }) => from === 'server') },
    };
    expect(validatePlan(oneWay, planWith({ exits: setting })).join(' ')).toMatch(
      /No link brings answers of the exit at tensor 1 from 'pi' to 'server'/,
    );
  });

  it('are refused beside a mix', () => {
    const plan = planWith({ precision });
    const mix = { variants: [{ stages: plan.stages, transfers: plan.transfers }], pattern: [0, 1] };
    expect(validatePlan(problem, { ...plan, mix })).toEqual([expect.stringMatching(/a mix and policies/)]);
  });

  it.each<[string, unknown, RegExp]>([
    ['an unknown key', { exit: {} }, /policies\.exit is not a known key, did you mean 'exits'/],
    ['a share above 1', { exits: { ...setting, points: [point(1, 2)] } }, /points\[0\]\.share is 2/],
    ['an unknown rule', { precision: { ...precision, rule: 'most' } }, /precision\.rule is "most"/],
    ['9 bits', { precision: { ...precision, bits: [{ bits: 9, share: 1 }] } }, /bits\[0\]\.bits is 9/],
  ])('are not read with %s', (_what, policies, expected) => {
    const text = writePlan({ ...planWith({}), policies: policies as Policies });
    expect(() => readPlan(text, problem, digest)).toThrow(expected);
  });
});

describe('an exit table', () => {
  it.each<[string, ExitTable, RegExp]>([
    ['on the graph’s input', { heads: [head(0)], settings: [] }, /at tensor 0 stands where/],
    ['on its output', { heads: [head(5)], settings: [] }, /at tensor 5 stands where/],
    ['listed twice', { heads: [head(1), head(1)], settings: [] }, /listed twice/],
    [
      'that costs less than nothing',
      { heads: [{ ...head(1), flops: -1 as ReturnType<typeof flops> }], settings: [] },
      /has flops -1/,
    ],
    ['without points', { ...table, settings: [{ points: [], accuracyLoss: 0 }] }, /setting 0 has no exit/],
    [
      'in the wrong order',
      { ...table, settings: [{ ...setting, points: [...setting.points].reverse() }] },
      /order in which requests come by/,
    ],
    [
      'that lets more leave than came',
      { ...table, settings: [{ ...setting, points: [point(1, 0.75), point(3, 0.5)] }] },
      /lets 1\.25 of the requests leave/,
    ],
    [
      'of a head that is not listed',
      { heads: [head(1)], settings: [setting] },
      /names no confidence head at tensor 3/,
    ],
    ['of NaN', { ...table, settings: [{ ...setting, accuracyLoss: Number.NaN }] }, /costs NaN/],
  ])('is refused with a head or setting %s', (_what, exits, expected) => {
    const make = () => problemOf(chain, exampleCluster(), { exits });
    expect(make).toThrow(InvalidInputError);
    expect(make).toThrow(expected);
  });
});
