import { describe, expect, it } from 'vitest';
import { evaluate } from '../cost/evaluate.ts';
import { metricsOf } from '../metrics/metrics-of.ts';
import { partAtExits } from '../plan/part-at-exits.ts';
import type { Plan } from '../plan/plan.ts';
import { planOf } from '../plan/plan-of.ts';
import type { Policies } from '../plan/policies.ts';
import type { Problem } from '../plan/problem.ts';
import { randomExits } from '../plan/random-exits.ts';
import { randomProblem } from '../plan/random-problem.ts';
import { createRandom } from '../random.ts';
import type { Recording } from '../schedule/recording.ts';
import { replay } from '../schedule/replay.ts';
import type { Trace } from '../trace/trace.ts';
import { bitsPerSecond, bytes, seconds } from '../units.ts';
import { chainScenario } from './random-scenario.ts';
import type { Scenario, ScenarioDecisions } from './scenario.ts';
import { scenarioOf } from './scenario-of.ts';
import { simulate } from './simulate.ts';
import { simulatedLimits } from './simulation.ts';

interface Subject {
  readonly problem: Problem;
  readonly plan: Plan;
}

/** A chain on two devices with exits, and two numbers of bits where it crosses. */
function subject(seed: number): Subject | null {
  const random = createRandom(seed);
  const { exits: _, ...problem } = randomProblem(random, { graph: { kind: 'chain', nodes: 8 } });
  const table = randomExits(random, problem.graph);
  const exits = table?.settings.at(-1);
  if (table === null || exits === undefined) return null;
  const nodes = [...problem.graph.nodes.keys()];
  const at = 2 + random.integer(4);
  const own = { ...problem, exits: table };
  const stages = partAtExits(
    own,
    [
      { device: 'd0', nodes: nodes.slice(0, at) },
      { device: 'd1', nodes: nodes.slice(at) },
    ],
    exits.points,
  );
  const plan = planOf(own, '', stages, 'test');
  const coded = plan.transfers.find(({ tensor }) => typeof own.graph.tensors[tensor]?.producer === 'number');
  const isFloat = own.graph.tensors[coded?.tensor ?? -1]?.type === 'float32';
  if (coded === undefined || !isFloat) return { problem: own, plan: { ...plan, policies: { exits } } };
  const codec = { kind: 'affine', bits: 8, perChannel: false } as const;
  const policies: Policies = {
    exits,
    precision: {
      rule: 'fill',
      transfers: [{ tensor: coded.tensor, to: coded.to }],
      bits: [
        { bits: 3, share: 0.25 },
        { bits: 8, share: 0.75 },
      ],
    },
  };
  const transfers = plan.transfers.map((transfer) =>
    transfer === coded ? { ...transfer, codec } : transfer,
  );
  return { problem: own, plan: { ...plan, transfers, policies } };
}

function staysOf({ events }: Trace): number[] {
  const arrived = new Map<number, number>();
  return events.flatMap((event) => {
    if (event.kind === 'arrival') arrived.set(event.request, event.atSeconds);
    return event.kind === 'answer' ? [event.atSeconds - (arrived.get(event.request) ?? 0)] : [];
  });
}

describe('policies of plans', () => {
  it('take on average what evaluate expects, within four standard errors, on 20 chains', () => {
    let tried = 0;
    for (let seed = 0; tried < 20; seed++) {
      const drawn = subject(seed);
      if (drawn === null) continue;
      const { problem, plan } = drawn;
      const report = evaluate(problem, plan);
      const { expectation } = report;
      if (!Number.isFinite(report.latencySeconds) || !Number.isFinite(expectation?.worstLatencySeconds))
        continue;
      tried++;
      const requests = 1000;
      const apart = seconds(4 * (expectation?.worstLatencySeconds ?? 1) + 1e-6);
      const trace = simulate(
        scenarioOf(problem, plan, { arrivals: { kind: 'periodic', seconds: apart, requests } }),
        { seed: 7 },
      );
      const stays = staysOf(trace);
      expect(stays).toHaveLength(requests);
      const mean = stays.reduce((sum, stay) => sum + stay, 0) / requests;
      const square = stays.reduce((sum, stay) => sum + (stay - mean) ** 2, 0) / requests;
      const error = Math.sqrt(square / requests);
      expect(Math.abs(mean - report.latencySeconds)).toBeLessThanOrEqual(4 * error + 1e-9 * mean);
      const { exits } = metricsOf(trace);
      for (const { tensor, share } of plan.policies?.exits?.points ?? []) {
        const stage = plan.stages.findIndex(({ nodes }) =>
          nodes.includes(Number(problem.graph.tensors[tensor]?.producer)),
        );
        const left = (exits.find((exit) => exit.stage === stage)?.requests ?? 0) / requests;
        expect(Math.abs(left - share)).toBeLessThanOrEqual(4 * Math.sqrt((share * (1 - share)) / requests));
      }
    }
  }, 60_000);

  it('gives the pace that evaluate expects where the queues are long', () => {
    let tried = 0;
    for (let seed = 100; tried < 6; seed++) {
      const drawn = subject(seed);
      if (drawn === null) continue;
      const { problem, plan } = drawn;
      const { periodSeconds, expectation } = evaluate(problem, plan);
      // What few requests do says little about the pace of many.
      const isRare = (expectation?.stayingShare ?? 1) < 0.1;
      if (isRare || !(periodSeconds > 0 && Number.isFinite(periodSeconds))) continue;
      tried++;
      const requests = 2000;
      const wide = { queue: requests, window: requests, waiting: requests };
      const arrivals = { kind: 'batch', requests } as const;
      const { requestsPerSecond } = metricsOf(simulate(scenarioOf(problem, plan, { arrivals, ...wide })));
      expect((requestsPerSecond ?? 0) * periodSeconds).toBeGreaterThan(0.9);
      expect((requestsPerSecond ?? 0) * periodSeconds).toBeLessThan(1.1);
    }
  }, 60_000);
});

/** Two stages of a second each, and a tensor that takes a second a byte between them. */
function decided(decisions: ScenarioDecisions, requests: number): Scenario {
  const chain = chainScenario([1, 8, 1], {
    kind: 'periodic',
    seconds: seconds(30),
    requests,
  });
  return { ...chain, pipelines: chain.pipelines.map((pipeline) => ({ ...pipeline, decisions })) };
}

const sent = decided({}, 1).pipelines[0]?.stages[0]?.outputs[0] ?? '';
const [from, to] = decided({}, 1).devices;
const sizes = ([2, 4, 8] as const).map((bits) => ({ bits, bytes: bytes(bits) }));
const transfers = [{ tensor: sent, from: from ?? '', to: to ?? '', sizes }];

const bitsOf = ({ events }: Trace): number[] =>
  events.flatMap((event) => (event.kind === 'bits' ? [event.bits] : []));

describe('decisions of a scenario', () => {
  it('are those that it states for each request', () => {
    const outcomes = [{ exitStage: 0 }, { exitStage: null, bits: 2 }, { exitStage: null, bits: 8 }] as const;
    const trace = simulate(decided({ bits: { transfers, shares: [] }, outcomes }, 6));
    expect(staysOf(trace)).toEqual([1, 4, 10, 1, 4, 10]);
    const { exits, bits, bytesSent } = metricsOf(trace);
    expect(exits).toEqual([{ version: 1, stage: 0, requests: 2 }]);
    expect(bits).toEqual([
      { bits: 2, tensors: 2 },
      { bits: 8, tensors: 2 },
    ]);
    expect(bytesSent).toBe(20);
  });

  it.each([
    ['fill', 1, 2],
    ['fill', 4, 4],
    ['fill', 5, 4],
    ['fill', 100, 8],
    ['paper-min', 3, 4],
    ['paper-min', 100, 8],
  ] as const)(
    'choose bits by the rule %s where the slower device takes %d s: %d bits',
    (kind, slower, bits) => {
      const all = ([2, 3, 4, 5, 6, 7, 8] as const).map((own) => ({
        bits: own,
        bytes: bytes(own <= 2 ? 2 : own <= 4 ? 4 : 8),
      }));
      const rule = { kind, slowerSeconds: seconds(slower), most: 8 } as const;
      const shares = [{ bits: 2, share: 1 }] as const;
      const own = { transfers: transfers.map((transfer) => ({ ...transfer, sizes: all })), shares, rule };
      const trace = simulate(decided({ bits: own }, 3));
      const expected = kind === 'paper-min' && slower === 3 ? 3 : bits;
      // Nobody knows the rate before the first has crossed.
      expect(bitsOf(trace)).toEqual([2, expected, expected]);
    },
  );

  it('follow what transfers took, not the rate that the link has: less after the first slow one, more by and by', () => {
    const rule = { kind: 'fill', slowerSeconds: seconds(8.5), most: 8 } as const;
    const all = ([2, 3, 4, 5, 6, 7, 8] as const).map((bits) => ({ bits, bytes: bytes(bits) }));
    const bits = {
      transfers: [{ tensor: sent, from: from ?? '', to: to ?? '', sizes: all }],
      shares: [],
      rule,
    };
    const outcomes = [{ exitStage: null, bits: 2 }] as const;
    const scenario = decided({ bits, outcomes }, 20);
    // A byte takes a second, from the fourth request on two, and from the seventh on one again.
    const points = [0, 90, 180].map((at) => ({
      seconds: seconds(at),
      bitsPerSecond: bitsPerSecond(at === 90 ? 4 : 8),
    }));
    const links = scenario.links.map((link) => ({
      ...link,
      rate: { kind: 'trace', points, loop: false } as const,
    }));
    const chosen = bitsOf(simulate({ ...scenario, links }));
    expect(chosen.slice(0, 7)).toEqual([2, 8, 8, 8, 5, 5, 5]);
    const after = chosen.slice(7);
    expect(after.every((own, at) => own >= (after[at - 1] ?? 2))).toBe(true);
    expect([after[0], after.at(-1)]).toEqual([7, 8]);
  });

  it('are the same for the same seed, and decide again alike', () => {
    const exits = [{ stage: 0, share: 0.4, answerBytes: bytes(0) }];
    const scenario = decided({ exits }, 200);
    const agents: Record<string, Recording['agents'][string][number][]> = {};
    const gateway: Recording['gateway'][number][] = [];
    const record = {
      agent: (device: string, step: Recording['agents'][string][number]) => {
        agents[device] = [...(agents[device] ?? []), step];
      },
      gateway: (step: Recording['gateway'][number]) => void gateway.push(step),
    };
    const trace = simulate(scenario, { seed: 3, record });
    expect(simulate(scenario, { seed: 3 })).toEqual(trace);
    expect(simulate(scenario, { seed: 4 })).not.toEqual(trace);
    expect(replay({ limits: simulatedLimits, agents, gateway }).difference).toBeNull();
    const left = metricsOf(trace).exits[0]?.requests ?? 0;
    expect(Math.abs(left - 80)).toBeLessThan(4 * Math.sqrt(200 * 0.4 * 0.6));
  });
});
