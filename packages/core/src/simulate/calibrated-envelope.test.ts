import { beforeAll, describe, expect, it } from 'vitest';
import { parseCluster } from '../cluster/parse-cluster.ts';
import { evaluate } from '../cost/evaluate.ts';
import { graphOf } from '../graph/graph-of.ts';
import { singleTensorCuts } from '../graph/single-tensor-cuts.ts';
import type { Accuracy } from '../plan/accuracy.ts';
import { exitsByCentres } from '../plan/exits-by-centres.ts';
import type { Plan } from '../plan/plan.ts';
import type { Problem } from '../plan/problem.ts';
import { problemOf } from '../plan/problem-of.ts';
import { validatePlan } from '../plan/validate-plan.ts';
import { stillContext } from '../planner/still-context.ts';
import { seconds } from '../units.ts';
import { zooModel } from '../zoo/zoo.ts';
import { adaptiveScenario } from './adaptive-scenario.ts';
import { planEnvelope } from './plan-envelope.ts';
import type { ScenarioChange } from './scenario.ts';
import { simulate } from './simulate.ts';

const graph = graphOf(zooModel('alexnet', { batch: 1 }));
/** What the last pool yields. */
const tensor =
  singleTensorCuts(graph)
    .flatMap(({ boundary, nodes }) => (graph.nodes[nodes.at(-1) ?? -1]?.op === 'MaxPool' ? boundary : []))
    .at(-1) ?? -1;
/** Of the requests, those that leave there. */
const share = 0.9;

const exits = exitsByCentres({ tensor }, { share, cost: 1000, accuracyLoss: 0.001 });
const chosen = [false, true].map((afterExits) => ({
  tensor,
  afterExits,
  bits: [
    { bits: 3, share: 0.5 },
    { bits: 5, share: 0.5 },
  ] as const,
  loss: 0.002,
}));
const accuracy: Accuracy = { rows: [{ tensor, bits: 5, loss: 0.002 }], others: 'raw', chosen };
const cluster = parseCluster({
  name: 'two',
  hosts: ['board', 'desk'].map((id) => ({ id, memoryGigabytes: 16 })),
  devices: [
    { id: 'device', host: 'board', kind: 'cpu', gigaflopsPerSecond: 8, memoryGigabytesPerSecond: 6 },
    { id: 'server', host: 'desk', kind: 'cpu', gigaflopsPerSecond: 400, memoryGigabytesPerSecond: 40 },
  ],
  links: [{ from: 'device', to: 'server', megabitsPerSecond: 8, roundTripMilliseconds: 2, bothWays: true }],
  source: 'device',
});
const calibrated = problemOf(graph, cluster, { accuracy, exits, accuracyLoss: 0.005 });

const envelope = (problem: Problem): Promise<readonly Plan[]> =>
  planEnvelope(problem, ['neurosurgeon-chain', 'all-local'], stillContext());

let plans: readonly [Plan, ...Plan[]];
beforeAll(async () => {
  const [first, ...others] = await envelope(calibrated);
  if (first === undefined) throw new Error('there is no plan');
  plans = [first, ...others];
});

const leaving = (all: readonly Plan[]): readonly Plan[] =>
  all.filter(({ policies }) => policies?.exits !== undefined);

describe('an envelope of a calibrated problem', () => {
  it('has the cut that was calibrated, which no planner that it asks comes to, and prices it in expectation', async () => {
    expect(leaving(plans).map(({ transfers }) => transfers[0]?.tensor)).toEqual([tensor]);
    for (const plan of plans) expect(validatePlan(calibrated, plan)).toEqual([]);
    const { accuracy: _accuracy, exits: _exits, ...plain } = calibrated;
    expect(leaving(await envelope(plain))).toEqual([]);
    const [own] = leaving(plans);
    if (own === undefined) throw new Error('no plan lets requests leave');
    const first = Math.min(...plans.map((plan) => evaluate(calibrated, plan).latencySeconds));
    expect(evaluate(calibrated, own).latencySeconds).toBe(first);
  });

  it('has each behaviour once, its bits as they are expected at the rates of the problem', () => {
    const [own, more] = leaving(plans);
    expect(more).toBeUndefined();
    const shares = own?.policies?.precision?.bits ?? [];
    expect(shares.map(({ bits }) => bits)).toEqual([3, 4, 5]);
    expect(shares.reduce((sum, one) => sum + one.share, 0)).toBeCloseTo(1, 9);
  });

  it('decides nothing under plans that it does not price so', () => {
    for (const plan of plans) expect(plan.policies).toBeDefined();
  });
});

describe('a simulated gateway with calibrated plans', () => {
  const rate = (at: number, factor: number): ScenarioChange => {
    return { kind: 'rate', atSeconds: seconds(at), from: 'device', to: 'server', factor };
  };
  const run = (changes: readonly ScenarioChange[]) => {
    const arrivals = { kind: 'periodic', seconds: seconds(0.5), requests: 160 } as const;
    return simulate({ ...adaptiveScenario(calibrated, plans, { arrivals }), changes }).events;
  };
  const crossing = (name: string): number | undefined =>
    plans.find(({ transfers }) => graph.tensors[transfers[0]?.tensor ?? -1]?.name === name)?.version;

  it('goes over to a plan by what it costs in the mean, and has requests leave under no other', () => {
    const events = run([rate(20, 0.02), rate(50, 30)]);
    const switches = events.flatMap((event) =>
      event.kind === 'replan' ? [{ at: event.atSeconds, to: event.version, message: event.message }] : [],
    );
    // Were all to cross the slow link, the device alone would be faster.
    expect(switches.map(({ at, to }) => [at > 50, to])).toEqual([[true, crossing('features/conv1/pool')]]);
    expect(switches[0]?.message).toMatch(
      /no request leaves early or chooses its bits: nothing was calibrated at/,
    );
    const exited = events.flatMap((event) => (event.kind === 'exit' ? [event] : []));
    expect(new Set(exited.map(({ version }) => version))).toEqual(new Set([plans[0].version]));
    const arrived = new Map(
      events.flatMap((event) => (event.kind === 'arrival' ? [[event.request, event.version] as const] : [])),
    );
    for (const { request, version } of exited) expect(arrived.get(request)).toBe(version);
  });
});
