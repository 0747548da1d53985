import { describe, expect, it } from 'vitest';
import { evaluate } from '../cost/evaluate.ts';
import { prefixCuts } from '../graph/cut.ts';
import type { Tensor } from '../graph/graph.ts';
import { createRandom } from '../random.ts';
import { bytes } from '../units.ts';
import { codecLoss, planLoss } from './accuracy.ts';
import type { Plan } from './plan.ts';
import { planOf } from './plan-of.ts';
import type { Problem } from './problem.ts';
import { randomProblem } from './random-problem.ts';
import { readPlan } from './read-plan.ts';
import { codecFault, type TransferCodec, transferBytes, transferCodecName } from './transfer-codec.ts';
import { validatePlan } from './validate-plan.ts';
import { writePlan } from './write-plan.ts';

const tensor: Tensor = {
  id: 3,
  name: 't',
  type: 'float32',
  shape: [1, 4, 5, 5],
  bytes: bytes(400),
  producer: 0,
  consumers: [1],
};
const affine: TransferCodec = { kind: 'affine', bits: 4, perChannel: false };

/** Ids of two devices, all that crosses coded. */
function codedPlan(problem: Problem, nodes: readonly number[], codec: TransferCodec): Plan {
  const behind = problem.graph.nodes.map(({ id }) => id).filter((id) => !nodes.includes(id));
  const stages = [
    { device: 'd0', nodes },
    { device: 'd1', nodes: behind },
  ];
  return planOf(problem, 'a'.repeat(64), stages, 'test', { codecOf: () => codec });
}

describe('transferBytes', () => {
  it.each([
    { codec: { kind: 'raw' } as const, size: 400, name: 'raw' },
    { codec: affine, size: 8 + 8 + 50, name: 'affine4' },
    { codec: { kind: 'fp16' } as const, size: 8 + 200, name: 'fp16' },
    { codec: { kind: 'picture', bitsPerElement: 1.5 } as const, size: 19, name: 'picture1.5' },
  ])('is $size bytes for $name', ({ codec, size, name }) => {
    expect(transferBytes(tensor, codec)).toBe(size);
    expect(transferCodecName(codec)).toBe(name);
  });
});

describe('codecFault', () => {
  it.each([
    {
      what: 'a lossy codec for whole numbers',
      change: { type: 'int64' as const },
      codec: affine,
      fault: /int64/,
    },
    {
      what: 'a picture of an activation',
      change: {},
      codec: { kind: 'picture', bitsPerElement: 1 } as const,
      fault: /no graph input/,
    },
    {
      what: 'channels of a vector',
      change: { shape: [10] },
      codec: { kind: 'affine', bits: 8, perChannel: true } as const,
      fault: /no channels/,
    },
  ])('refuses $what', ({ change, codec, fault }) => {
    expect(codecFault({ ...tensor, ...change }, codec)).toMatch(fault);
    expect(codecFault({ ...tensor, ...change }, { kind: 'raw' })).toBeNull();
  });
});

describe('a plan with codecs', () => {
  it('costs what the same plan costs of tensors that are as small', () => {
    let coded = 0;
    for (let seed = 0; seed < 200; seed++) {
      // Every time is stated: a roofline would look at the sizes.
      const problem = randomProblem(createRandom(seed), {
        graph: { nodes: 1 + (seed % 8) },
        elsewhere: 0.3,
        measured: 1,
      });
      const cuts = prefixCuts(problem.graph);
      const cut = cuts[seed % cuts.length]?.nodes ?? [];
      const plan = codedPlan(problem, cut, affine);
      if (validatePlan(problem, plan).length > 0) continue;
      const small = new Map(
        plan.transfers.map((row) => [row.tensor, transferBytes(sized(problem, row.tensor), affine)]),
      );
      const tensors = problem.graph.tensors.map((row) => ({ ...row, bytes: small.get(row.id) ?? row.bytes }));
      const shrunk: Problem = { ...problem, graph: { ...problem.graph, tensors } };
      const raw = evaluate(shrunk, codedPlan(shrunk, cut, { kind: 'raw' }));
      const report = evaluate(problem, plan);
      expect(report.latencySeconds).toBe(raw.latencySeconds);
      expect(report.periodSeconds).toBe(raw.periodSeconds);
      expect(report.bytesSent).toBe(raw.bytesSent);
      if (plan.transfers.length > 0) coded++;
    }
    expect(coded).toBeGreaterThan(50);
  });

  it('is read as it was written', () => {
    const problem = randomProblem(createRandom(4), { graph: { kind: 'chain', nodes: 4 } });
    for (const codec of [affine, { kind: 'fp16' }, { kind: 'bf16' }] satisfies TransferCodec[]) {
      const plan = codedPlan(problem, [0, 1], codec);
      expect(readPlan(writePlan(plan), problem, plan.problemDigest)).toEqual(plan);
    }
    const text = writePlan(codedPlan(problem, [0, 1], affine)).replaceAll(/"bits": ?4,?/g, '');
    expect(() => readPlan(text, problem, 'a'.repeat(64))).toThrow(/codec\.bits is missing/);
  });

  it('loses what its tensors lose together, and breaks the constraint where that is too much', () => {
    const problem = randomProblem(createRandom(4), { graph: { kind: 'chain', nodes: 4 } });
    const plan = codedPlan(problem, [0, 1], affine);
    const [first] = plan.transfers;
    const known = { rows: [{ tensor: first?.tensor ?? 0, bits: 4, loss: 0.5 }] };
    expect(codecLoss(problem, 0, affine)).toBe(0.02);
    expect(planLoss({ ...problem, accuracy: known }, plan)).toBeCloseTo(
      0.5 + 0.02 * (plan.transfers.length - 1),
    );
    const strict: Problem = { ...problem, constraints: { ...problem.constraints, accuracyLoss: 0.001 } };
    expect(evaluate(strict, plan).violations).toContainEqual(
      expect.stringMatching(/Codecs and exits may cost .* 0\.001\./),
    );
    expect(evaluate(strict, codedPlan(strict, [0, 1], { kind: 'raw' })).violations).toEqual([]);
  });
});

function sized({ graph }: Problem, id: number): Tensor {
  const row = graph.tensors[id];
  if (row === undefined) throw new Error(`tensor ${id} is not in the graph`);
  return row;
}
