import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exitOrder, graphOf, InvalidInputError, type Metrics, readTrace, zooModel } from '@tandem/core';
import { loadModel } from '@tandem/node';
import { afterAll, describe, expect, it } from 'vitest';
import type { SimulateFlags } from '../flags.ts';
import type { Adapted } from './adapted-scenario.ts';
import type { ModelMetrics } from './beside-models.ts';
import { simulateCommand } from './simulate-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-simulate-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Answer {
  readonly metrics: Metrics;
  readonly text: string;
  readonly adapted?: Adapted;
  readonly models?: readonly ModelMetrics[];
}

async function simulated(scenario: object, flags: SimulateFlags = {}): Promise<Answer> {
  const path = join(folder, 'scenario.json');
  writeFileSync(
    path,
    JSON.stringify({ model: 'zoo:mobilenet-v2', planner: 'throughput-optimal', ...scenario }),
  );
  const answers: Answer[] = [];
  await simulateCommand(path, flags, {
    json: true,
    progress: () => undefined,
    answer: (value, text) => answers.push({ ...(value as Answer), text: text() }),
  });
  const [answer] = answers;
  if (answer === undefined) throw new Error('the command gave no answer');
  return answer;
}

async function modelDigest(name: string): Promise<string> {
  const loaded = await loadModel(name);
  const digest = await loaded.digest();
  await loaded.close();
  return digest;
}

const arrivals = { kind: 'periodic', seconds: 0.5, requests: 20 };

describe('tandem simulate', () => {
  it('says what the requests of a scenario come to, and saves the trace in two forms', async () => {
    const files = { trace: join(folder, 'trace.jsonl'), perfetto: join(folder, 'trace.json') };
    const { metrics, text } = await simulated({ arrivals }, files);
    expect(metrics.requests).toEqual({ arrived: 20, admitted: 20, answered: 20, failed: 0, open: 0 });
    expect(metrics.steadyRequestsPerSecond).toBeCloseTo(2, 9);
    expect(text).toMatch(/^simulated: 20 of 20 requests answered in /);
    expect(text).toMatch(/pi > server .* 20 /);
    const { events } = readTrace(readFileSync(files.trace, 'utf8').split('\n'));
    expect(events.filter(({ kind }) => kind === 'answer')).toHaveLength(20);
    const picture = JSON.parse(readFileSync(files.perfetto, 'utf8')) as { readonly traceEvents: unknown[] };
    expect(picture.traceEvents.length).toBeGreaterThan(20);
  });

  it('follows what changes', async () => {
    const usual = await simulated({ arrivals });
    const slow = await simulated({
      arrivals,
      changes: [{ kind: 'speed', atSeconds: 0, device: 'server', factor: 0.1 }],
    });
    expect(slow.metrics.latencySeconds?.mean).toBeGreaterThan(usual.metrics.latencySeconds?.mean ?? 0);
    const stopped = await simulated({ arrivals, window: 3, clientStopsAtSeconds: 0 });
    expect(stopped.metrics.requests).toMatchObject({ arrived: 20, admitted: 3 });
  });

  it('adapts to what changes where it is asked to, beside the plan that is kept', async () => {
    const files = { trace: join(folder, 'adapted.jsonl') };
    const rate = (atSeconds: number, factor: number): readonly object[] =>
      [['pi', 'server'] as const].map(([from, to]) => ({ kind: 'rate', atSeconds, from, to, factor }));
    const { metrics, adapted, text } = await simulated(
      {
        arrivals: { ...arrivals, requests: 120 },
        changes: [...rate(20, 0.01), ...rate(40, 1)],
        adaptation: {},
      },
      files,
    );
    expect(adapted?.metrics.requests).toMatchObject({ arrived: 120, answered: 120 });
    expect(adapted?.metrics.latencySeconds?.mean).toBeLessThan(0.5 * (metrics.latencySeconds?.mean ?? 0));
    expect(text).toMatch(/2\d\.\d\d s {2}network: .* pi > server carries /);
    const { events } = readTrace(readFileSync(files.trace, 'utf8').split('\n'));
    expect(events.filter(({ kind }) => kind === 'adaptation')).toHaveLength(adapted?.decisions.length ?? 0);
  });

  it('has two models take turns by priority, and sheds of the one that matters less', async () => {
    const other = {
      model: 'zoo:alexnet',
      planner: 'all-local',
      arrivals: { kind: 'periodic', seconds: 0.02, requests: 500 },
      waiting: 4,
    };
    const high = { planner: 'all-local', arrivals: { ...arrivals, seconds: 1 } };
    const worst = (answer: Answer): number => answer.models?.[0]?.latencySeconds?.most ?? 0;
    const below = await simulated({ ...high, beside: [{ ...other, priority: -1 }] });
    const equal = await simulated({ ...high, beside: [other] });
    const [own, second] = below.models ?? [];
    expect(own?.requests).toMatchObject({ arrived: 20, answered: 20, failed: 0 });
    expect(second?.requests.arrived).toBe(500);
    expect(second?.requests.failed).toBeGreaterThan(100);
    expect(worst(below)).toBeLessThan(worst(equal));
    expect(below.text).toMatch(/zoo:alexnet: \d+ of 500 answered, \d+ failed or shed, mean /);
  });

  it('lets requests leave where the plan does, as often as was measured', async () => {
    const graph = graphOf(zooModel('mobilenet-v2', { batch: 1 }));
    const [tensor = 0] = exitOrder(graph).slice(20);
    const point = { tensor: graph.tensors[tensor]?.name ?? '', kind: 'confidence' };
    const costs = { flops: 1e6, movedBytes: 1e6, parameterBytes: 1e5, answerBytes: 4000 };
    const table = {
      format: 'tandem-exits',
      formatVersion: 1,
      modelDigest: await modelDigest('zoo:mobilenet-v2'),
      heads: [{ ...point, ...costs }],
      settings: [{ points: [{ ...point, threshold: 0.8, share: 0.9 }], accuracyLoss: 0 }],
    };
    writeFileSync(join(folder, 'exits.json'), JSON.stringify(table));
    const { metrics, text } = await simulated({
      planner: 'spinn',
      exits: 'exits.json',
      arrivals: { ...arrivals, requests: 400 },
    });
    expect(metrics.exits).toHaveLength(1);
    expect(metrics.exits[0]?.requests).toBeGreaterThan(340);
    expect(metrics.exits[0]?.requests).toBeLessThan(380);
    expect(metrics.requests.answered).toBe(400);
    expect(text).toMatch(/answered 3\d\d early/);
  });

  it('names the file and the line of a fault', async () => {
    await expect(simulated({ arrivals: { kind: 'poisson' } })).rejects.toThrow(InvalidInputError);
    await expect(simulated({ arrivals: { kind: 'poisson' } })).rejects.toThrow('scenario.json:1: arrivals');
  });
});
