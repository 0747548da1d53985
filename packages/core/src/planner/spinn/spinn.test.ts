import { describe, expect, it } from 'vitest';
import { computeTable } from '../../cost/cost-tables.ts';
import { createEvaluator } from '../../cost/evaluate.ts';
import { exitHeadSeconds } from '../../cost/exit-head-seconds.ts';
import { headOf } from '../../plan/exit-table.ts';
import type { Plan } from '../../plan/plan.ts';
import type { ExitPolicy } from '../../plan/policies.ts';
import type { Problem } from '../../plan/problem.ts';
import { randomExits } from '../../plan/random-exits.ts';
import { randomProblem } from '../../plan/random-problem.ts';
import { transferBytes } from '../../plan/transfer-codec.ts';
import { createRandom } from '../../random.ts';
import { bytes, seconds } from '../../units.ts';
import { stillContextOf } from '../still-context.ts';
import { spinn } from './spinn.ts';

async function planBy(problem: Problem): Promise<Plan> {
  const result = await spinn.plan(problem, stillContextOf(problem));
  if (result.kind === 'infeasible') throw new Error(result.reason);
  return result.plan;
}

/** A chain of rectifiers whose answers are wanted at the server, with exits whose answers take no time to get there. */
function subject(seed: number): Problem | null {
  const random = createRandom(seed);
  const base = randomProblem(random, { graph: { kind: 'chain', nodes: 9 }, elsewhere: 1, measured: 0 });
  const exits = randomExits(random, base.graph);
  if (exits === null) return null;
  const nodes = base.graph.nodes.map((node) => ({ ...node, op: 'Relu', domain: '' }));
  const heads = exits.heads.map((head) => ({ ...head, answerBytes: bytes(0) }));
  const links = base.cluster.links.map((link) => ({
    ...link,
    perMessageSeconds: seconds(0),
    roundTripSeconds: seconds(0),
  }));
  return {
    ...base,
    graph: { ...base.graph, nodes },
    cluster: { ...base.cluster, links },
    exits: { ...exits, heads },
  };
}

/** Σ of what each part takes times the share of the requests that is still alive there: Te + Tt + Tc of the paper. */
function expectedSeconds(problem: Problem, cut: number, policy: ExitPolicy | null): number {
  const [first, second] = problem.cluster.devices;
  const table = computeTable(problem);
  let alive = 1;
  let sum = 0;
  const send = (tensor: number) => {
    const row = problem.graph.tensors[tensor];
    const { rate } = problem.cluster.links.find(({ from }) => from === 'd0') ?? {};
    if (row === undefined || rate?.kind !== 'constant') throw new Error('no such tensor or link');
    const isAnswer = problem.graph.outputs.includes(tensor);
    const coded = transferBytes(row, { kind: 'affine', bits: 8, perChannel: false });
    sum += (alive * 8 * (isAnswer ? row.bytes : Math.min(coded, row.bytes))) / rate.bitsPerSecond;
  };
  if (cut === 0) send(0);
  for (const { id, outputs } of problem.graph.nodes) {
    const device = id < cut ? first : second;
    sum += alive * (table.seconds[id < cut ? 0 : 1]?.[id] ?? 0);
    const point = policy?.points.find(({ tensor }) => outputs.includes(tensor));
    const head = point === undefined ? undefined : headOf(problem.exits, point);
    if (point !== undefined && head !== undefined && device !== undefined) {
      sum += alive * exitHeadSeconds(head, device, undefined);
      alive -= point.share;
    }
    if (id === cut - 1) send(outputs[0] ?? -1);
  }
  return sum;
}

describe('spinn with a table of exits', () => {
  it('takes the cut and the threshold with the least expected latency, by the formula of the paper', async () => {
    let exits = 0;
    let cuts = 0;
    for (let seed = 0; seed < 80; seed++) {
      const problem = subject(seed);
      if (problem === null) continue;
      const { nodes } = problem.graph;
      const family = [...nodes.keys(), nodes.length].flatMap((cut) =>
        [null, ...(problem.exits?.settings ?? [])].map((policy) => expectedSeconds(problem, cut, policy)),
      );
      const plan = await planBy(problem);
      const own = plan.stages.filter(({ device }) => device === 'd0').flatMap((stage) => stage.nodes);
      const value = expectedSeconds(problem, own.length, plan.policies?.exits ?? null);
      expect(plan.claim?.value).toBeCloseTo(value, 9);
      expect(value).toBeCloseTo(Math.min(...family), 9);
      exits += plan.policies?.exits === undefined ? 0 : 1;
      cuts += own.length > 0 && own.length < nodes.length ? 1 : 0;
    }
    expect(exits).toBeGreaterThan(10);
    expect(cuts).toBeGreaterThan(10);
  });

  it('keeps the loss of codes and exits together within what the problem allows', async () => {
    const problem = subject(4);
    if (problem === null) throw new Error('the subject has no exits');
    const strict = { ...problem, constraints: { ...problem.constraints, accuracyLoss: 0 } };
    const plan = await planBy(strict);
    expect(createEvaluator(strict).evaluate(plan).accuracyLoss).toBe(0);
  });

  it('says in the explanation how many requests leave', async () => {
    for (let seed = 0; seed < 40; seed++) {
      const problem = subject(seed);
      const plan = problem === null ? null : await planBy(problem);
      if (plan?.policies?.exits === undefined) continue;
      expect(plan.why.sentence).toMatch(/with (an exit|\d exits) for [\d.]+ % of requests takes/);
      return;
    }
    throw new Error('no plan has exits');
  });

  it.each<[string, (policy: ExitPolicy) => readonly ExitPolicy[], RegExp]>([
    ['without settings', () => [], /has no settings/],
    [
      'of centres',
      (policy) => [{ ...policy, points: policy.points.map((point) => ({ ...point, kind: 'centres' })) }],
      /None of the 1 settings .* one threshold for classifiers/,
    ],
    [
      'with a threshold of its own at each exit',
      ({ points, accuracyLoss }) => [
        { points: points.map((point, at) => ({ ...point, threshold: at / 10 })), accuracyLoss },
      ],
      /None of the 1 settings .* one threshold for classifiers/,
    ],
  ])('says why it cannot use a table %s', (_what, settingsOf, reason) => {
    const problem = [...Array(40).keys()]
      .map(subject)
      .find((drawn) => (drawn?.exits?.settings[0]?.points.length ?? 0) > 1);
    const [policy] = problem?.exits?.settings ?? [];
    if (problem?.exits === undefined || policy === undefined) throw new Error('no subject has two exits');
    const answer = spinn.supports({ ...problem, exits: { ...problem.exits, settings: settingsOf(policy) } });
    expect(answer).toEqual({ yes: false, reason: expect.stringMatching(reason) });
  });
});
