import { describe, expect, it } from 'vitest';
import { exampleCluster } from '../cluster/example-cluster.ts';
import { InvalidInputError } from '../errors.ts';
import { randomGraph } from '../graph/random-graph.ts';
import { createRandom } from '../random.ts';
import { hertz } from '../units.ts';
import { longestPattern, mixedPlan, variantPlans } from './mix.ts';
import type { Mix, Plan, Variant } from './plan.ts';
import { planOf } from './plan-of.ts';
import { problemOf } from './problem-of.ts';
import { readPlan } from './read-plan.ts';
import { validatePlan } from './validate-plan.ts';
import { writePlan } from './write-plan.ts';

const problem = problemOf(randomGraph(createRandom(3), { kind: 'chain', nodes: 4 }), exampleCluster());
const digest = 'a'.repeat(64);

/** The first `count` nodes on the Pi. */
const cutAfter = (count: number): Plan =>
  planOf(
    problem,
    digest,
    [
      { device: 'pi', nodes: [0, 1, 2, 3].slice(0, count) },
      { device: 'server', nodes: [0, 1, 2, 3].slice(count) },
    ],
    'test',
  );

const wayOf = ({ stages, transfers }: Variant): Variant => ({ stages, transfers });

describe('mixedPlan', () => {
  it('makes the way that most requests take the plan’s own, and keeps the order', () => {
    const plan = mixedPlan([cutAfter(1), cutAfter(2), cutAfter(3)], [0, 2, 2, 0, 2]);
    expect(plan.stages).toEqual(cutAfter(3).stages);
    expect(plan.mix).toEqual({ variants: [wayOf(cutAfter(1))], pattern: [1, 0, 0, 1, 0] });
    expect(variantPlans(plan).map(wayOf)).toEqual([wayOf(cutAfter(3)), wayOf(cutAfter(1))]);
    expect(validatePlan(problem, plan)).toEqual([]);
  });

  it('takes the first of equals, and needs no mix for one way', () => {
    expect(mixedPlan([cutAfter(1), cutAfter(2)], [1, 0]).stages).toEqual(cutAfter(1).stages);
    expect(mixedPlan([cutAfter(1), cutAfter(2)], [1, 1])).toEqual(cutAfter(2));
  });
});

describe('validatePlan of a mix', () => {
  const plan = cutAfter(1);
  const other = wayOf(cutAfter(2));
  it.each<[string, Mix, RegExp]>([
    ['no variants', { variants: [], pattern: [0] }, /0 variants .* expected 1 to 63/],
    [
      'too many variants',
      { variants: Array.from({ length: 64 }, () => other), pattern: [0] },
      /64 variants beside the plan's own/,
    ],
    ['no pattern', { variants: [other], pattern: [] }, /0 entries, expected 1 to 1024/],
    [
      'too long a pattern',
      { variants: [other], pattern: Array.from({ length: longestPattern + 1 }, () => 0) },
      /1025 entries/,
    ],
    ['an unknown variant', { variants: [other], pattern: [0, 2] }, /names variant 2, expected 0 to 1/],
    ['half a variant', { variants: [other], pattern: [0, 0.5] }, /names variant 0.5/],
    ['an unused variant', { variants: [other], pattern: [0] }, /never names variant 1/],
    ['a rarer own way', { variants: [other], pattern: [0, 1, 1] }, /variant 1 2 times .* only 1 times/],
    [
      'a variant that is no plan of the problem',
      { variants: [{ stages: other.stages.slice(1), transfers: [] }], pattern: [0, 1] },
      /Variant 1: Node 0 .* is in no stage/,
    ],
    [
      'a tensor in two forms on one link',
      {
        variants: [
          {
            ...wayOf(plan),
            transfers: plan.transfers.map((row) => ({ ...row, codec: { kind: 'fp16' } as const })),
          },
        ],
        pattern: [0, 1],
      },
      /The ways of the mix code tensor 1 from 'pi' to 'server' in two forms/,
    ],
    [
      'a variant without its transfers',
      { variants: [{ stages: other.stages, transfers: [] }], pattern: [0, 1] },
      /Variant 1: The transfer of tensor 2 .* is missing/,
    ],
  ])('refuses %s', (_what, mix, message) => {
    expect(validatePlan(problem, { ...plan, mix }).join('\n')).toMatch(message);
  });

  it('sets the same clocks for every variant', () => {
    const mix = { variants: [other], pattern: [0, 1] };
    const faults = validatePlan(problem, { ...plan, mix, frequency: { moon: hertz(1e9) } });
    expect(faults.filter((fault) => fault.includes("'moon'"))).toHaveLength(2);
  });
});

describe('readPlan of a mix', () => {
  const plan = mixedPlan([cutAfter(1), cutAfter(2)], [0, 0, 1]);

  it('reads what writePlan wrote', () => {
    expect(readPlan(writePlan(plan), problem, digest)).toEqual(plan);
  });

  it.each<[string, (mix: Record<string, unknown>) => unknown, RegExp]>([
    ['that is no object', () => [], /mix is .* expected an object/],
    ['with a key too many', (mix) => ({ ...mix, speed: 1 }), /mix\.speed/],
    ['without a pattern', ({ variants }) => ({ variants }), /mix\.pattern/],
    ['with a pattern of words', (mix) => ({ ...mix, pattern: ['0'] }), /mix\.pattern/],
    [
      'with a variant that lacks stages',
      (mix) => ({ ...mix, variants: [{ transfers: [] }] }),
      /mix\.variants\[0\]\.stages is absent/,
    ],
    ['whose pattern does not fit', (mix) => ({ ...mix, pattern: [0, 7] }), /names variant 7/],
  ])('refuses one %s', (_what, change, message) => {
    const document = JSON.parse(writePlan(plan)) as { mix: Record<string, unknown> };
    const text = JSON.stringify({ ...document, mix: change(document.mix) });
    expect(() => readPlan(text, problem, digest)).toThrow(InvalidInputError);
    expect(() => readPlan(text, problem, digest)).toThrow(message);
  });
});
