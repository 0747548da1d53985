import {
  bitsPerSecond,
  bytes,
  type Choice,
  type ChooseContext,
  choose,
  createRandom,
  type ExitTable,
  evaluate,
  exampleCluster,
  exitOrder,
  flops,
  graphOf,
  hertz,
  isSplit,
  losslessPlannerNames,
  mixedPlan,
  nodeRanges,
  type Plan,
  type Problem,
  type ProblemOptions,
  planOf,
  problemOf,
  type Rate,
  seconds,
  zooModel,
} from '@tandem/core';
import { describe, expect, it } from 'vitest';
import { explain } from './explanation.ts';
import { clocksNotSet, notExecuted } from './not-executed.ts';
import { planText } from './plan-text.ts';
import { verdictOf } from './verdict.ts';

const context: ChooseContext = {
  problemDigest: 'digest',
  random: createRandom(1),
  clock: { now: () => seconds(0), sleep: async () => {} },
  signal: new AbortController().signal,
};
const graph = graphOf(zooModel('mobilenet-v2', { batch: 1 }));

function exampleProblem(options: ProblemOptions = {}): Problem {
  return problemOf(graph, exampleCluster(), options);
}

/** Every link at this rate. */
function withRate(problem: Problem, rate: Rate): Problem {
  const links = problem.cluster.links.map((link) => ({ ...link, rate }));
  return { ...problem, cluster: { ...problem.cluster, links } };
}

function constant(megabits: number): Rate {
  return { kind: 'constant', bitsPerSecond: bitsPerSecond(megabits * 1e6) };
}

function chosen(problem: Problem): Promise<Choice> {
  return choose(problem, losslessPlannerNames, context);
}

describe('explain', () => {
  it('names stages and transfers, with times, sources and rates', async () => {
    const problem = exampleProblem();
    const choice = await chosen(problem);
    const { stages, transfers, totals, planners } = explain(problem, choice);
    expect(
      stages.map(({ device, first, last, source, errorSeconds }) => [
        device,
        first,
        last,
        source,
        errorSeconds,
      ]),
    ).toEqual([
      ['pi', 'stem', stages[0]?.last, 'roofline', null],
      ['server', stages[1]?.first, 'fc', 'roofline', null],
    ]);
    expect(transfers[0]).toMatchObject({
      tensor: stages[0]?.last,
      shape: [1, 64, 14, 14],
      bytes: 4 * 64 * 14 * 14,
      from: 'pi',
      to: 'server',
      bitsPerSecond: 20e6,
      rateSource: 'constant',
    });
    expect(transfers[0]?.seconds).toBeCloseTo((8 * 4 * 64 * 14 * 14) / 20e6 + 1e-3, 9);
    expect(totals.latencySeconds).toBe(choice.report.latencySeconds);
    expect(totals.requestsPerSecond).toBeCloseTo(1 / choice.report.periodSeconds, 9);
    expect(totals.busiest).toBe("device 'pi'");
    expect(totals).toMatchObject({ energyJoules: null, energyUnknown: expect.stringContaining("'pi'") });
    expect(planners.map(({ name }) => name)).toEqual(losslessPlannerNames);
    const least = Math.min(...planners.map(({ value }) => value ?? Number.POSITIVE_INFINITY));
    expect(least).toBeCloseTo(totals.latencySeconds, 12);
  });

  it('gives a measured stage its spread', async () => {
    const everything = graph.nodes.map(({ id }) => id);
    const segment = {
      segment: nodeRanges(everything),
      device: 'pi',
      seconds: seconds(0.001),
      spreadSeconds: seconds(0.0002),
      source: 'measured' as const,
    };
    const problem = exampleProblem({ profile: { rows: [], segments: [segment] } });
    const { stages, totals } = explain(problem, await chosen(problem));
    expect(stages).toMatchObject([
      { device: 'pi', computeSeconds: 0.001, errorSeconds: 0.0001, source: 'measured' },
    ]);
    expect(totals).toMatchObject({ errorSeconds: 0.0001, source: 'measured' });
  });

  it('says what each device holds, and where the whole model would overflow it', async () => {
    const base = exampleProblem();
    const [weak, strong] = base.cluster.devices;
    const devices = [{ ...weak!, memoryBytes: bytes(12e6) }, strong!];
    const problem = { ...base, cluster: { ...base.cluster, devices } };
    const { memory } = explain(problem, await chosen(problem));
    expect(memory[0]).toMatchObject({ device: 'pi', capacityBytes: 12e6 });
    expect(memory[0]?.share).toBeLessThanOrEqual(1);
    expect(memory[0]?.alone.share).toBeGreaterThan(1);
    expect(graph.nodes.map(({ name }) => name)).toContain(memory[0]?.alone.front.overflowsAt);
    expect(memory[1]?.alone.front.overflowsAt).toBeNull();
  });
});

describe('what is proven and foretold', () => {
  const predictedTimes = { devices: ['pi'], heldOutDevices: 29, medianFactor: 1.25, p90Factor: 2 };

  it('says how far a planner may be from the best of its kind', async () => {
    const problem = exampleProblem();
    const choice = await choose(problem, ['exhaustive', 'all-local'], context);
    const explanation = explain(problem, choice);
    const [exact, local] = explanation.planners;
    expect(exact).toMatchObject({ bound: choice.report.latencySeconds, gap: 0 });
    expect(local).toMatchObject({ bound: null, gap: null });
    const verdict = await verdictOf(problem, choice, context);
    expect(planText(problem, 'exhaustive', explanation, verdict)).toContain(', proven best');
  });

  it('says how far to believe foretold times, in data and text alike', async () => {
    const problem = exampleProblem();
    const choice = await chosen(problem);
    const explanation = explain(problem, choice, predictedTimes);
    expect(explanation.predictedTimes).toEqual(predictedTimes);
    const text = planText(problem, 'test', explanation, await verdictOf(problem, choice, context));
    expect(text).toContain(
      "The times of 'pi' are predicted from clock, vectors and cache: of 29 devices never",
    );
    expect(explain(problem, choice).predictedTimes).toBeNull();
  });
});

describe('verdictOf', () => {
  it('of a split is why it was chosen', async () => {
    const problem = exampleProblem();
    const choice = await chosen(problem);
    const verdict = await verdictOf(problem, choice, context);
    expect(verdict).toEqual({
      split: true,
      sentences: [choice.planned.plan.why.sentence],
      bestSplit: null,
      wouldSplit: null,
    });
  });

  it.each([
    { megabits: 0.5, direction: 'faster' },
    { megabits: 20_000, direction: 'slower' },
  ])(
    'of no split at $megabits Mbit/s says which rate would change that, and it does',
    async ({ megabits, direction }) => {
      const problem = withRate(exampleProblem(), constant(megabits));
      const choice = await chosen(problem);
      expect(isSplit(choice.planned.plan)).toBe(false);
      const { split, sentences, bestSplit, wouldSplit } = await verdictOf(problem, choice, context);
      expect(split).toBe(false);
      expect(bestSplit?.value).toBeGreaterThan(choice.report.latencySeconds);
      expect(wouldSplit).toMatchObject({ from: 'pi', to: 'server', direction });
      expect(sentences[0]).toMatch(/^Do not split: all 152 nodes on /);
      expect(sentences[1]).toMatch(/^The best split, 'pi' up to '.*' and then 'server', takes .* sends/);
      expect(sentences[2]).toMatch(
        /^With 'pi' → 'server' at .*bit\/s.* a cut after '.*' would win: it takes/,
      );
      const there = withRate(problem, constant((wouldSplit?.bitsPerSecond ?? 0) / 1e6));
      expect(isSplit((await chosen(there)).planned.plan)).toBe(true);
    },
  );

  it('says so when there is nothing to split between', async () => {
    const base = exampleProblem();
    const lonely = { ...base.cluster, devices: base.cluster.devices.slice(0, 1), links: [] };
    const problem = { ...base, cluster: lonely };
    const { sentences, bestSplit } = await verdictOf(problem, await chosen(problem), context);
    expect(sentences[1]).toMatch(/^No split is possible: .* has one device\.$/);
    expect(bestSplit).toBeNull();
  });
});

describe('notExecuted', () => {
  it('says of a device’s clock what became of it', () => {
    const clock = { device: 'pi', wantedHertz: hertz(1e9), actuator: 'cpufreq', reason: null };
    expect(clocksNotSet([{ ...clock, hertz: hertz(1e9) }])).toEqual([]);
    expect(clocksNotSet([{ ...clock, hertz: hertz(9e8) }])).toEqual([
      "The plan sets the clock of 'pi' to 1000 MHz, and it took 900 MHz.",
    ]);
    expect(clocksNotSet([{ ...clock, actuator: null, hertz: null, reason: 'no right to' }])).toEqual([
      "The plan sets the clock of 'pi' to 1000 MHz, and it stayed as it was: no right to.",
    ]);
  });

  it('names traces, and leaves clocks to the devices', () => {
    const points = [{ seconds: seconds(0), bitsPerSecond: bitsPerSecond(20e6) }];
    const problem = withRate(exampleProblem({ requests: 3 }), { kind: 'trace', points, loop: true });
    const nodes = graph.nodes.map(({ id }) => id);
    const plain = planOf(problem, '', [{ device: 'server', nodes }], 'by-hand');
    const plan = { ...plain, frequency: { pi: hertz(1e9) } };
    expect(notExecuted(problem, plan)).toEqual([
      "The rate from 'pi' to 'server' follows a trace; where it is paced, it stays the trace's first rate.",
      "The rate from 'server' to 'pi' follows a trace; where it is paced, it stays the trace's first rate.",
    ]);
    expect(notExecuted(exampleProblem(), plain)).toEqual([]);
  });
});

describe('a plan that mixes ways', () => {
  const whole = (device: string): Plan =>
    planOf(exampleProblem(), 'digest', [{ device, nodes: graph.nodes.map(({ id }) => id) }], 'test');
  const problem = exampleProblem({ objective: { kind: 'makespan' }, requests: 5 });
  const choiceOf = async (): Promise<Choice> => {
    const choice = await choose(problem, ['all-local'], context);
    const plan = mixedPlan([whole('server'), whole('pi')], [0, 1, 1, 0, 0]);
    const explained = { ...plan, why: choice.planned.plan.why };
    return { ...choice, planned: { ...choice.planned, plan: explained }, report: evaluate(problem, plan) };
  };

  it('is shown way by way, with the order and whose latency it is', async () => {
    const choice = await choiceOf();
    const explanation = explain(problem, choice);
    const { mix, totals } = explanation;
    expect(mix?.runs).toEqual([
      { requests: 1, way: 0 },
      { requests: 2, way: 1 },
      { requests: 2, way: 0 },
    ]);
    expect(mix?.ways.map(({ requests, placement }) => [requests, placement])).toEqual([
      [3, `all ${graph.nodes.length} nodes on 'server'`],
      [2, `all ${graph.nodes.length} nodes on 'pi'`],
    ]);
    const [own = 0, other = 0] = mix?.ways.map(({ latencySeconds }) => latencySeconds) ?? [];
    expect(own).not.toBe(other);
    expect(totals.latencySeconds).toBe(Math.max(own, other));
    expect(totals.busiest).not.toBe('nothing');
    const text = planText(problem, 'test', explanation, await verdictOf(problem, choice, context));
    expect(text).toContain('in the order 1 × 1, 2 × 2, 2 × 1; the tables above show way 1');
    expect(text).toContain(', the slowest way (times');
    for (const line of text.split('\n').filter((each) => each.startsWith('  ')))
      expect(line.length).toBeLessThanOrEqual(100);
  });

  it('is executed as it is', () => {
    expect(notExecuted(problem, mixedPlan([whole('server'), whole('pi')], [0, 1, 0]))).toEqual([]);
  });
});

describe('planText', () => {
  it('keeps its tables within 100 columns and says everything', async () => {
    const problem = withRate(exampleProblem({ requests: 4 }), constant(0.5));
    const choice = await chosen(problem);
    const verdict = await verdictOf(problem, choice, context);
    const text = planText(problem, choice.planned.plan.planner, explain(problem, choice), verdict);
    const tables = text.split('\n').filter((line) => line.startsWith('  '));
    expect(Math.max(...tables.map((line) => line.length))).toBeLessThanOrEqual(100);
    for (const words of [
      'computes for',
      'roofline',
      'requests/s',
      'energy    not known.',
      'makespan',
      'fits',
      'plans priced',
    ])
      expect(text).toContain(words);
    expect(text).toContain('Do not split: ');
  });
});

describe('a plan with exits', () => {
  const [tensor = 0] = exitOrder(graph).slice(3);
  const point = { tensor, kind: 'confidence', threshold: 0.8, share: 0.75 } as const;
  const exits: ExitTable = {
    heads: [
      {
        tensor,
        kind: 'confidence',
        flops: flops(1e6),
        movedBytes: bytes(1e5),
        parameterBytes: bytes(1e5),
        answerBytes: bytes(4000),
      },
    ],
    settings: [{ points: [point], accuracyLoss: 0.01 }],
  };

  it('says where requests leave, how long those take that stay, and that agents do not do so', async () => {
    const problem = exampleProblem({ exits });
    const choice = await choose(problem, ['spinn'], context);
    const explanation = explain(problem, choice);
    const { latencySeconds, expectation } = choice.report;
    const [own] = explanation.exits?.points ?? [];
    expect(own).toMatchObject({ tensor: graph.tensors[tensor]?.name, share: 0.75, threshold: 0.8 });
    expect(explanation.exits?.stayingShare).toBe(0.25);
    const mean = 0.75 * (own?.latencySeconds ?? 0) + 0.25 * (expectation?.worstLatencySeconds ?? 0);
    expect(latencySeconds).toBeCloseTo(mean, 9);
    const text = planText(problem, 'spinn', explanation, await verdictOf(problem, choice, context));
    expect(text).toMatch(/0\.8 \(confidence\) +75 %/);
    expect(text).toMatch(/25 % stay and take at most/);
    expect(explanation.notExecuted.join(' ')).toMatch(
      /`run --stream` and `run --requests` with --calibration decide.*an exit/,
    );
  });

  it('has nothing to say of them where there are none', async () => {
    const problem = exampleProblem();
    expect(explain(problem, await choose(problem, ['all-local'], context)).exits).toBeNull();
  });
});
