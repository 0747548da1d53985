import { beforeAll, describe, expect, it } from 'vitest';
import { parseCluster } from '../cluster/parse-cluster.ts';
import { graphOf } from '../graph/graph-of.ts';
import type { Plan } from '../plan/plan.ts';
import type { Problem } from '../plan/problem.ts';
import { problemOf } from '../plan/problem-of.ts';
import { stillContext } from '../planner/still-context.ts';
import type { TraceEvent } from '../trace/trace.ts';
import { bytes, seconds } from '../units.ts';
import { zooModel } from '../zoo/zoo.ts';
import { adaptiveScenario } from './adaptive-scenario.ts';
import { planEnvelope } from './plan-envelope.ts';
import type { Scenario, ScenarioChange } from './scenario.ts';
import { simulate } from './simulate.ts';

const wireless = { megabitsPerSecond: 16, roundTripMilliseconds: 2, bothWays: true };
const problem: Problem = problemOf(
  graphOf(zooModel('alexnet', { batch: 1 })),
  parseCluster({
    name: 'three',
    hosts: ['board', 'desk', 'shelf'].map((id) => ({ id, memoryGigabytes: 16 })),
    devices: [
      { id: 'device', host: 'board', kind: 'cpu', gigaflopsPerSecond: 8, memoryGigabytesPerSecond: 6 },
      { id: 'server', host: 'desk', kind: 'cpu', gigaflopsPerSecond: 400, memoryGigabytesPerSecond: 40 },
      { id: 'helper', host: 'shelf', kind: 'cpu', gigaflopsPerSecond: 60, memoryGigabytesPerSecond: 20 },
    ],
    links: ['server', 'helper'].map((to) => ({ from: 'device', to, ...wireless })),
    source: 'device',
  }),
);

let plans: readonly [Plan, ...Plan[]];
beforeAll(async () => {
  const [first, ...others] = await planEnvelope(
    problem,
    ['neurosurgeon-chain', 'coach-lex', 'throughput-optimal'],
    stillContext(),
  );
  if (first === undefined) throw new Error('there is no plan');
  plans = [first, ...others];
});

const periodic = (perSecond: number, until: number) =>
  ({ kind: 'periodic', seconds: seconds(1 / perSecond), requests: perSecond * until }) as const;

/** Two requests a second for two minutes, unless more is said. */
const scenarioWith = (changes: readonly ScenarioChange[], more: Partial<Scenario> = {}): Scenario => ({
  ...adaptiveScenario(problem, plans, { arrivals: periodic(2, 120) }),
  changes,
  ...more,
});

interface Outcome {
  readonly events: readonly TraceEvent[];
  /** By the second in which they came. */
  readonly sojourns: readonly { readonly at: number; readonly seconds: number }[];
  readonly failed: number;
  readonly switches: readonly { readonly at: number; readonly to: number }[];
  readonly reactions: readonly string[];
}

function outcomeOf(scenario: Scenario): Outcome {
  const { events } = simulate(scenario);
  const arrived = new Map<number, number>();
  const sojourns: { at: number; seconds: number }[] = [];
  for (const event of events) {
    if (event.kind === 'arrival') arrived.set(event.request, event.atSeconds);
    const at = event.kind === 'answer' ? (arrived.get(event.request) ?? 0) : 0;
    if (event.kind === 'answer') sojourns.push({ at, seconds: event.atSeconds - at });
  }
  return {
    events,
    sojourns,
    failed: events.filter(({ kind }) => kind === 'failure').length,
    switches: events.flatMap((event) =>
      event.kind === 'replan' || event.kind === 'repair' ? [{ at: event.atSeconds, to: event.version }] : [],
    ),
    reactions: events.flatMap((event) => (event.kind === 'adaptation' ? [event.reaction] : [])),
  };
}

function bothOf(scenario: Scenario): { readonly fixed: Outcome; readonly adapted: Outcome } {
  const { adaptation, pipelines, ...rest } = scenario;
  const own = pipelines.filter(({ version }) => version === adaptation?.current);
  return { fixed: outcomeOf({ ...rest, pipelines: own }), adapted: outcomeOf(scenario) };
}

const mean = ({ sojourns }: Outcome, from = 0, until = 1e9): number => {
  const own = sojourns.filter(({ at }) => at >= from && at < until);
  return own.reduce((sum, one) => sum + one.seconds, 0) / own.length;
};

const rate = (at: number, factor: number): readonly ScenarioChange[] =>
  ['server', 'helper'].map((to) => ({ kind: 'rate', atSeconds: seconds(at), from: 'device', to, factor }));

describe('a simulated gateway that adapts', () => {
  it('switches nothing while nothing changes', () => {
    const { adapted, fixed } = bothOf(scenarioWith([]));
    expect(adapted.switches.filter(({ at }) => at > 5)).toEqual([]);
    expect(adapted.failed).toBe(0);
    expect(mean(adapted, 5)).toBeLessThanOrEqual(mean(fixed, 5) * 1.0001);
  });

  it('follows the rate of the links down and up again', () => {
    const { adapted, fixed } = bothOf(scenarioWith([...rate(20, 0.05), ...rate(60, 1)]));
    expect(adapted.failed).toBe(0);
    expect(adapted.sojourns).toHaveLength(240);
    expect(mean(adapted, 21, 60)).toBeLessThan(0.6 * mean(fixed, 21, 60));
    expect(mean(adapted, 70)).toBeCloseTo(mean(fixed, 70), 6);
    expect(adapted.switches.map(({ at }) => at < 20 + 3 || (at > 63 && at < 67))).not.toContain(false);
  });

  it('falls back to the device while no link works', () => {
    const { adapted, fixed } = bothOf(scenarioWith([...rate(20, 0), ...rate(40, 1)]));
    expect(adapted.reactions).toContain('local-fallback');
    expect(mean(adapted)).toBeLessThan(0.2 * mean(fixed));
    // What waited for the links says nothing of their rates.
    expect(mean(adapted, 50)).toBeCloseTo(mean(fixed, 60), 6);
  });

  it('goes on without a device that was lost', () => {
    const lost: ScenarioChange = {
      kind: 'fail',
      atSeconds: seconds(20),
      device: 'server',
      policy: 'lost',
      backAtSeconds: seconds(40),
    };
    const { adapted, fixed } = bothOf(scenarioWith([lost]));
    expect(fixed.failed).toBeGreaterThan(190);
    // Those in flight, and those that came until it was noticed.
    expect(adapted.failed).toBeLessThanOrEqual(2);
    expect(adapted.reactions).toContain('reroute');
    // It comes back to the device after its probation.
    expect(adapted.switches.at(-1)?.at).toBeGreaterThanOrEqual(70);
    expect(adapted.sojourns.length + adapted.failed).toBe(240);
  });

  it('takes layers from a device before heat throttles it for long', () => {
    const heat = {
      ambientCelsius: 25,
      steadyCelsius: 150,
      seconds: seconds(20),
      limitCelsius: 60,
      throttledClock: 0.3,
    };
    const arrivals = { arrivals: periodic(20, 120) };
    const hot = { ...scenarioWith([], { bodies: [{ device: 'device', heat }] }) };
    const { pipelines } = adaptiveScenario(problem, plans, arrivals);
    const { adapted, fixed } = bothOf({ ...hot, pipelines });
    expect(adapted.reactions).toContain('clocks');
    expect(mean(adapted)).toBeLessThan(mean(fixed));
  });

  it('keeps a battery for longer', () => {
    const battery = { joules: 300, idleWatts: 1, busyWatts: 9 };
    const { adapted, fixed } = bothOf({
      ...scenarioWith([], { bodies: [{ device: 'device', battery }] }),
      pipelines: adaptiveScenario(problem, plans, { arrivals: periodic(20, 400) }).pipelines,
    });
    expect(adapted.reactions).toContain('clocks');
    expect(adapted.sojourns.length).toBeGreaterThan(fixed.sojourns.length);
  });

  it('does as it is commanded', () => {
    const command = { leastPriority: 1, objective: 'throughput' } as const;
    const scenario = scenarioWith([{ kind: 'command', atSeconds: seconds(30), command }]);
    const { adapted } = bothOf(scenario);
    expect(adapted.reactions.slice(-3)).toContain('admission');
    expect(adapted.failed).toBeGreaterThan(170);
  });

  it('uses the better of two sources of inputs, so that as many leave early as were calibrated', () => {
    const exits = [{ stage: 0, share: 0.6, answerBytes: bytes(4000) }];
    const scenario = scenarioWith(
      [{ kind: 'sensor', atSeconds: seconds(20), sensor: 'front', quality: 0.5 }],
      {
        sensors: [
          { sensor: 'front', quality: 1 },
          { sensor: 'rear', quality: 0.9 },
        ],
      },
    );
    const pipelines = scenario.pipelines.map((pipeline) => ({ ...pipeline, decisions: { exits } }));
    const { adapted, fixed } = bothOf({ ...scenario, pipelines });
    const early = ({ events }: Outcome): number =>
      events.filter(({ kind, atSeconds }) => kind === 'exit' && atSeconds > 40).length;
    expect(adapted.reactions).toContain('switch-sensor');
    expect(early(adapted)).toBeGreaterThan(2 * early(fixed));
  });

  it('sheds the least important while more comes than can be served, and no longer', () => {
    const at = (index: number): number => (index < 200 ? index / 10 : 20 + (index - 200) / 80);
    const times = Array.from({ length: 4000 }, (_, index) => at(index)).filter((time) => time < 50);
    const later = Array.from({ length: 500 }, (_, index) => 50 + index / 10);
    const arrivals = { kind: 'trace', atSeconds: [...times, ...later].map(seconds) } as const;
    const pipelines = adaptiveScenario(problem, plans, { arrivals, waiting: 5000 }).pipelines.map(
      (pipeline) => ({ ...pipeline, priorities: [0, 5] }),
    );
    const { adaptation } = adaptiveScenario(problem, plans, {}, { priorities: [0, 5] });
    const { adapted, fixed } = bothOf({ ...scenarioWith([]), pipelines, adaptation });
    expect(fixed.failed).toBe(0);
    expect(adapted.reactions.filter((reaction) => reaction === 'admission')).toHaveLength(2);
    expect(mean(adapted, 20)).toBeLessThan(0.3 * mean(fixed, 20));
    expect(adapted.failed).toBeLessThan(0.5 * times.length);
  });
});
