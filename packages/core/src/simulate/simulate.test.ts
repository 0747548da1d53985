import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../errors.ts';
import { metricsOf } from '../metrics/metrics-of.ts';
import { createRandom } from '../random.ts';
import type { AgentRecord, GatewayRecord, Recording } from '../schedule/recording.ts';
import { replay } from '../schedule/replay.ts';
import type { Trace, TraceEventKind } from '../trace/trace.ts';
import { bitsPerSecond, bytes, seconds } from '../units.ts';
import { exponential } from './arrival-times.ts';
import { chainScenario, numberedScenario } from './random-scenario.ts';
import type { Scenario, ScenarioArrivals, ScenarioChange, ScenarioPipeline } from './scenario.ts';
import { servingFault } from './serving-fault.ts';
import { simulate } from './simulate.ts';
import { simulatedLimits } from './simulation.ts';
import type { HookedCarriage } from './simulation-hooks.ts';

const timesOf = (trace: Trace, kind: TraceEventKind): number[] =>
  trace.events.flatMap((event) => (event.kind === kind ? [event.atSeconds] : []));

/** By request: when its answer was complete less when it arrived. */
function sojourns(trace: Trace): number[] {
  const arrived = new Map<number, number>();
  const stay: number[] = [];
  for (const event of trace.events) {
    if (event.kind === 'arrival') arrived.set(event.request, event.atSeconds);
    if (event.kind === 'answer') stay[event.request] = event.atSeconds - (arrived.get(event.request) ?? 0);
  }
  return stay;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const every = (tau: number, requests: number): ScenarioArrivals =>
  tau === 0 ? { kind: 'batch', requests } : { kind: 'periodic', seconds: seconds(tau), requests };

describe('simulate', () => {
  it('gives the closed forms of a tandem of constant stages exactly, on 1,000 random ones', () => {
    const random = createRandom(11);
    for (let round = 0; round < 1000; round++) {
      const times = Array.from({ length: 1 + 2 * random.integer(4) }, () => random.integer(9));
      const [tau, requests] = [random.integer(10), 1 + random.integer(12)];
      const trace = simulate(chainScenario(times, every(tau, requests)));
      const longest = Math.max(...times);
      const answers = timesOf(trace, 'answer');
      expect(answers.at(-1)).toBe(sum(times) + (requests - 1) * Math.max(tau, longest));
      expect(sojourns(trace)).toEqual(
        Array.from({ length: requests }, (_, job) => sum(times) + job * Math.max(0, longest - tau)),
      );
    }
  });

  it('gives the internal bubbles of the closed forms, and buffers of any size the same steady pace', () => {
    const random = createRandom(12);
    for (let round = 0; round < 200; round++) {
      const times = Array.from({ length: 3 + 2 * random.integer(3) }, () => 1 + random.integer(9));
      const [tau, requests] = [random.integer(10), 2 + random.integer(12)];
      const metrics = metricsOf(simulate(chainScenario(times, every(tau, requests))));
      for (const [at, time] of times.entries()) {
        const own = at % 2 === 0 ? metrics.devices[at / 2] : metrics.links[(at - 1) / 2];
        const before = Math.max(tau, ...times.slice(0, at + 1));
        expect(own?.bubbles.internalSeconds).toBe((requests - 1) * (before - time));
      }
      const small = { queue: 1, window: 1000 };
      const bounded = metricsOf(simulate(chainScenario(times, every(tau, 60), small)));
      expect(bounded.steadyRequestsPerSecond).toBeCloseTo(1 / Math.max(tau, ...times), 9);
    }
  });

  it.each([
    ['scheme 1', [1, 4, 1], [6, 8, 10, 12], 18, [3, 0, 9], 4],
    ['scheme 2', [2, 3, 2], [7, 8, 9, 10], 16, [0, 0, 3], 3],
    ['scheme 3', [2, 2, 2], [6, 6, 6, 6], 12, [0, 0, 0], 2],
  ] as const)('gives %s of COACH, figure 2', (_name, times, stays, last, bubbles, period) => {
    const trace = simulate(chainScenario(times, every(2, 4)));
    const { devices, links } = metricsOf(trace);
    expect(sojourns(trace)).toEqual(stays);
    expect(timesOf(trace, 'answer').at(-1)).toBe(last);
    const internal = [devices[0], links[0], devices[1]].map((use) => use?.bubbles.internalSeconds);
    expect(internal).toEqual(bubbles);
    const [third = 0, fourth = 0] = timesOf(trace, 'answer').slice(2);
    expect(fourth - third).toBe(Math.max(period, 2));
  });

  it('answers early where a stage exits, as scheme 4 of COACH, figure 2', () => {
    const exits = (_stage: unknown, request: number): boolean => request % 2 === 1;
    const trace = simulate(chainScenario([2, 2, 2], every(2, 4)), { hooks: { exits } });
    expect(sojourns(trace)).toEqual([6, 2, 6, 2]);
    const { links, exits: counted, requests } = metricsOf(trace);
    expect(links[0]?.jobs).toBe(2);
    expect(counted).toEqual([{ version: 1, stage: 0, requests: 2 }]);
    expect(requests).toMatchObject({ answered: 4, failed: 0, open: 0 });
  });

  it('lets the bytes of a tensor depend on when it is sent, and tells how long they took', () => {
    const chain = chainScenario([1, 8, 1], every(20, 2));
    const transfer = ({ bytes: size, atSeconds: now }: { bytes: number; atSeconds: number }) =>
      now < 10 ? { bytes: size / 2, bits: 4 } : { bytes: size, bits: 8 };
    const took: unknown[] = [];
    const carried = ({ bytes: size, seconds: own }: HookedCarriage): void => void took.push([size, own]);
    const metrics = metricsOf(simulate(chain, { hooks: { transfer, carried } }));
    expect(metrics.bits).toEqual([
      { bits: 4, tensors: 1 },
      { bits: 8, tensors: 1 },
    ]);
    expect(metrics.bytesSent).toBe(12);
    expect(took).toEqual([
      [4, 4],
      [8, 8],
    ]);
  });
});

describe('simulated queues', () => {
  const waiting = (service: 'constant' | 'exponential', load: number): number => {
    const chain = chainScenario([1], { kind: 'poisson', perSecond: load, requests: 200_000 });
    const random = createRandom(3).split('service');
    const hooks = service === 'constant' ? {} : { stageSeconds: () => exponential(random) };
    const { devices } = metricsOf(simulate(chain, { seed: 7, hooks }));
    return devices[0]?.queue.waitSeconds?.mean ?? Number.NaN;
  };

  it('wait as in M/D/1: rho d / (2 (1 - rho))', () => {
    const expected = 0.7 / (2 * 0.3);
    expect(Math.abs(waiting('constant', 0.7) / expected - 1)).toBeLessThan(0.03);
  });

  it('wait as in M/M/1: rho d / (1 - rho)', () => {
    const expected = 0.7 / 0.3;
    expect(Math.abs(waiting('exponential', 0.7) / expected - 1)).toBeLessThan(0.03);
  });

  it("obey Little's law: mean number in the system = rate x mean stay", () => {
    const chain = chainScenario([1, 2, 1], { kind: 'poisson', perSecond: 0.4, requests: 20_000 });
    const trace = simulate(chain, { seed: 9 });
    let [inside, area, last] = [0, 0, 0];
    for (const { kind, atSeconds } of trace.events) {
      if (kind !== 'arrival' && kind !== 'answer') continue;
      area += inside * (atSeconds - last);
      last = atSeconds;
      inside += kind === 'arrival' ? 1 : -1;
    }
    const stays = sojourns(trace);
    const rate = stays.length / last;
    expect(area / last).toBeCloseTo(rate * (sum(stays) / stays.length), 6);
  });
});

describe('no deadlock', () => {
  it('in 300 of the random plans of the sweep', () => {
    for (let seed = 0; seed < 300; seed++)
      expect([seed, servingFault(numberedScenario(seed), seed)]).toEqual([seed, null]);
  });

  const free = { kind: 'constant', bitsPerSecond: bitsPerSecond(8) } as const;
  const between = (...pairs: readonly string[]): Scenario['links'] =>
    pairs.map((pair) => ({ from: pair[0] ?? '', to: pair[1] ?? '', rate: free }));
  const tight: Pick<ScenarioPipeline, 'version' | 'queue' | 'window' | 'arrivals'> = {
    version: 1,
    queue: 1,
    window: 12,
    arrivals: { kind: 'batch', requests: 12 },
  };
  const stage = (number: number, device: string, inputs: string, outputs: string, time = 1) => ({
    stage: number,
    device,
    seconds: seconds(time),
    inputs: inputs.split(' '),
    outputs: outputs.split(' '),
  });
  const there: Scenario = {
    devices: ['a', 'b'],
    links: between('ab', 'ba'),
    pipelines: [
      {
        ...tight,
        stages: [stage(0, 'a', 'x', 'h'), stage(1, 'b', 'h', 'i', 3), stage(2, 'a', 'h i', 'y')],
        tensors: ['h', 'i'].map((tensor) => ({ tensor, bytes: bytes(1) })),
        inputs: ['x'],
        outputs: ['y'],
        source: 'a',
        sink: 'a',
      },
    ],
  };
  const fork: Scenario = {
    devices: ['a', 'b', 'c', 'd'],
    links: between('ab', 'ac', 'bd', 'cd'),
    pipelines: [
      {
        ...tight,
        stages: [
          stage(0, 'a', 'x', 'h k'),
          stage(1, 'b', 'h', 'i', 20),
          stage(2, 'c', 'k', 'l'),
          stage(3, 'd', 'i l', 'y'),
        ],
        tensors: ['h', 'k', 'i', 'l'].map((tensor) => ({ tensor, bytes: bytes(1) })),
        inputs: ['x'],
        outputs: ['y'],
        source: 'a',
        sink: 'd',
      },
    ],
  };
  it('there and back with queues of one', () => expect(servingFault(there, 1)).toBe(null));
  it('with one slow branch and queues of one', () => expect(servingFault(fork, 1)).toBe(null));

  it('for others when a client stops reading: only its own version stops', () => {
    const [pipeline] = there.pipelines;
    if (pipeline === undefined) throw new Error('there is none');
    const arrivals = { kind: 'batch', requests: 40 } as const;
    const scenario: Scenario = {
      ...there,
      pipelines: [
        { ...pipeline, arrivals, window: 5, clientStopsAtSeconds: seconds(0) },
        { ...pipeline, arrivals, version: 2 },
      ],
    };
    const trace = simulate(scenario);
    const of = (version: number, kind: TraceEventKind): number =>
      trace.events.filter((event) => event.kind === kind && 'version' in event && event.version === version)
        .length;
    expect([of(1, 'admission'), of(1, 'taken')]).toEqual([5, 0]);
    expect([of(2, 'admission'), of(2, 'taken')]).toEqual([40, 40]);
  });
});

describe('what goes wrong meanwhile', () => {
  const during = (changes: readonly ScenarioChange[], requests = 3): Scenario => ({
    ...chainScenario([2, 4, 2], every(0, requests)),
    changes,
  });
  const at = (value: number) => ({ atSeconds: seconds(value) });
  const answers = (scenario: Scenario): number[] => timesOf(simulate(scenario), 'answer');

  it.each<readonly [string, ScenarioChange[], number[]]>([
    ['nothing', [], [8, 12, 16]],
    [
      'a device twice as fast midway',
      [{ kind: 'speed', ...at(1), device: 'd0', factor: 2 }],
      [7.5, 11.5, 15.5],
    ],
    [
      'a rate that halves midway',
      [{ kind: 'rate', ...at(4), from: 'd0', to: 'd1', factor: 0.5 }],
      [10, 18, 26],
    ],
    [
      'an outage of a link',
      [
        { kind: 'rate', ...at(3), from: 'd0', to: 'd1', factor: 0 },
        { kind: 'rate', ...at(13), from: 'd0', to: 'd1', factor: 1 },
      ],
      [18, 22, 26],
    ],
    [
      'a device that holds what it has and begins its stage again',
      [{ kind: 'fail', ...at(7), device: 'd1', policy: 'hold', backAtSeconds: seconds(9) }],
      [11, 13, 16],
    ],
    [
      'a device that is back at once where nothing ran',
      [{ kind: 'fail', ...at(5), device: 'd1', policy: 'hold', backAtSeconds: seconds(5) }],
      [8, 12, 16],
    ],
  ])('%s', (_name, changes, expected) => {
    expect(answers(during(changes))).toEqual(expected);
  });

  it('loses the requests of a device that is lost, and serves the rest by the version that replaces it', () => {
    const chain = chainScenario([1, 1, 1], every(4, 5));
    const [first] = chain.pipelines;
    if (first === undefined) throw new Error('there is none');
    const alone = first.stages.map((stage) => ({ ...stage, device: 'd0' }));
    const second: ScenarioPipeline = {
      ...first,
      version: 2,
      stages: alone,
      sink: 'd0',
      arrivals: { kind: 'batch', requests: 0 },
    };
    const trace = simulate({
      ...chain,
      pipelines: [first, second],
      changes: [
        { kind: 'fail', ...at(4.5), device: 'd1', policy: 'lost' },
        { kind: 'switch', ...at(6), from: 1, to: 2, reason: 'repair', message: 'd1 was lost' },
      ],
    });
    const answered = trace.events.flatMap((event) =>
      event.kind === 'answer' ? [[event.request, event.version]] : [],
    );
    expect(answered).toEqual([
      [0, 1],
      [2, 2],
      [3, 2],
      [4, 2],
    ]);
    expect(metricsOf(trace).requests).toMatchObject({ answered: 4, failed: 1, open: 0 });
  });

  it('serves the version of the higher priority first', () => {
    const chain = chainScenario([1], every(0, 4));
    const [first] = chain.pipelines;
    if (first === undefined) throw new Error('there is none');
    const trace = simulate({ ...chain, pipelines: [first, { ...first, version: 2, priority: 1 }] });
    const versions = trace.events.flatMap((event) => (event.kind === 'stage-start' ? [event.version] : []));
    // The first was under way when the others came.
    expect(versions).toEqual([1, 2, 2, 2, 2, 1, 1, 1]);
  });
});

/** The trace of a scenario and the decisions behind it, as JSON has them. */
function recorded(
  scenario: Scenario,
  seed: number,
): { readonly trace: Trace; readonly recording: Recording } {
  const agents: Record<string, AgentRecord[]> = {};
  const gateway: GatewayRecord[] = [];
  const trace = simulate(scenario, {
    seed,
    record: {
      agent: (device, step) => {
        agents[device] ??= [];
        agents[device].push(step);
      },
      gateway: (step) => gateway.push(step),
    },
  });
  const recording: Recording = { limits: simulatedLimits, agents, gateway };
  return { trace, recording: JSON.parse(JSON.stringify(recording)) as Recording };
}

describe('a simulation', () => {
  it('refuses changes to what is not there, and links that are missing', () => {
    const chain = chainScenario([1, 1, 1], every(0, 1));
    const fault: ScenarioChange = { kind: 'fail', atSeconds: seconds(1), device: 'd7', policy: 'hold' };
    expect(() => simulate({ ...chain, changes: [fault] })).toThrow(InvalidInputError);
    expect(() => simulate({ ...chain, links: [] })).toThrow('a link from d0 to d1 for tensor t1');
  });

  it('is the same each time, and its schedules decide the same when replayed', () => {
    for (let seed = 0; seed < 20; seed++) {
      const scenario = numberedScenario(seed);
      const { trace, recording } = recorded(scenario, seed);
      expect(simulate(scenario, { seed })).toEqual(trace);
      const { steps, difference } = replay(recording);
      expect(difference).toBe(null);
      expect(steps).toBe([...Object.values(recording.agents), recording.gateway].flat().length);
    }
  });

  it('whose record was altered is told apart by its first difference, in one sentence', () => {
    const { recording } = recorded(chainScenario([1, 1, 1], every(0, 2)), 1);
    const steps = recording.agents['d0'] ?? [];
    const altered = steps.findIndex(({ actions }) => actions.some(({ kind }) => kind === 'execute'));
    const d0 = steps.map((step, at) =>
      at === altered ? { ...step, actions: step.actions.filter(({ kind }) => kind !== 'execute') } : step,
    );
    const { difference } = replay({ ...recording, agents: { ...recording.agents, d0 } });
    expect(difference).toMatch(
      /^Step \d+ of device d0 at 0 s, told of .*: did .* as action 1, but now does .*execute.*\.$/,
    );
  });
});
