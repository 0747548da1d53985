import {
  type Comparison,
  comparePlanners,
  createRandom,
  exampleCluster,
  graphOf,
  type Planner,
  type PlannerName,
  type Problem,
  type ProblemOptions,
  problemOf,
  seconds,
  zooModel,
} from '@tandem/core';
import { describe, expect, it, vi } from 'vitest';
import { compareCsv } from './compare-csv.ts';
import { compareJson } from './compare-json.ts';
import { compareText } from './compare-text.ts';
import { plannerProgress } from './planner-progress.ts';

const graph = graphOf(zooModel('mobilenet-v2', { batch: 1 }));

function exampleProblem(options: ProblemOptions = {}): Problem {
  return problemOf(graph, exampleCluster(), options);
}

function compared(problem: Problem, asked: readonly (PlannerName | Planner)[]): Promise<Comparison> {
  return comparePlanners(problem, asked, {
    problemDigest: 'digest',
    random: createRandom(1),
    clock: { now: () => seconds(0), sleep: async () => {} },
    signal: new AbortController().signal,
  });
}

const names = ['all-local', 'all-server', 'even-split', 'exhaustive'] as const;

const sulking: Planner = {
  name: 'sulking',
  paper: 'a test',
  supports: () => ({ yes: false, reason: 'It has no "wish" to,\nand says so.' }),
  plan: () => Promise.reject(new Error('asked though it said no')),
};

describe('compareJson', () => {
  it('holds the figures of each plan, the gap where one is proven, and why one has none', async () => {
    const comparison = await compared(exampleProblem(), [...names, sulking]);
    const { planners, chosen, frontFigures, energyUnknown } = compareJson(exampleProblem(), comparison);
    expect(chosen).toBe('exhaustive');
    expect(frontFigures).toEqual(['latencySeconds', 'periodSeconds', 'peakMemoryBytes']);
    expect(energyUnknown).toBe("The cluster does not state the power of 'pi'.");
    expect(planners.map(({ name, gap }) => [name, gap])).toEqual([
      ['all-local', undefined],
      ['all-server', undefined],
      ['even-split', undefined],
      ['exhaustive', 0],
      ['sulking', undefined],
    ]);
    for (const [at, row] of planners.slice(0, 4).entries()) {
      const report = comparison.rows[at]?.report;
      expect(row).toMatchObject({ feasible: true, energyJoules: null });
      expect([row.latencySeconds, row.periodSeconds, row.peakMemoryBytes, row.bytesSent]).toEqual([
        report?.latencySeconds,
        report?.periodSeconds,
        report?.peakMemoryBytes,
        report?.bytesSent,
      ]);
    }
    expect(planners[4]).toEqual({
      name: 'sulking',
      feasible: false,
      reason: 'It has no "wish" to,\nand says so.',
      latencySeconds: null,
      periodSeconds: null,
      energyJoules: null,
      peakMemoryBytes: null,
      bytesSent: null,
      accuracyLoss: null,
      accuracySource: null,
      planningSeconds: 0,
      evaluations: 0,
      onFront: false,
    });
  });
});

describe('compareText', () => {
  it('marks the least of each column and the front, and names the chosen plan', async () => {
    const problem = exampleProblem();
    const comparison = await compared(problem, [...names, sulking]);
    const text = compareText(problem, comparison);
    const lineOf = (name: string): string =>
      text.split('\n').find((line) => line.trim().replace(/^● +/, '').startsWith(name)) ?? '';
    for (const { name, onFront } of comparison.rows) expect(lineOf(name).includes('●')).toBe(onFront);
    expect(lineOf('planner')).toMatch(
      /planner +latency +period +memory +sent +planning +priced +over best +gap$/,
    );
    expect(lineOf('all-local')).toMatch(/ 0 B\*.* [1-9]\d*\.\d % +–$/);
    expect(lineOf('exhaustive')).toMatch(/ms\* .* 0\.0 % +0\.0 %$/);
    expect(lineOf('sulking')).toMatch(/sulking( +–){5} +0( +–){2}$/);
    expect(text).toContain('as good in latency, period, memory and better in one.');
    expect(text).toContain(`No plan:\nsulking: It has no "wish" to,\nand says so.`);
    expect(text).toMatch(
      /Chosen: exhaustive, which takes .* ms: \d+ of \d+ nodes on 'pi', then \d+ on 'server'\.$/,
    );
  });

  it('shows what codecs may cost and what is proven of the chain, where somebody has either', async () => {
    const problem = exampleProblem();
    const comparison = await compared(problem, ['all-server', 'coach', 'auto']);
    const json = compareJson(problem, comparison);
    expect(json.planners.map(({ accuracyLoss }) => accuracyLoss)).toEqual(
      comparison.rows.map(({ report }) => report?.accuracyLoss),
    );
    expect(json.planners[1]?.accuracyLoss).toBeGreaterThan(0);
    expect(json.planners[2]).toMatchObject({ gap: expect.any(Number), chainGap: expect.any(Number) });
    const text = compareText(problem, comparison);
    expect(text).toMatch(/ sent +loss +planning .* gap +in chain\n/);
    expect(text).toContain('loss: the share of answers');
    expect(text).toContain('in chain: the same for plans only');
  });

  it('says no when nobody has a plan', async () => {
    const problem = exampleProblem({ objective: { kind: 'energy' } });
    const text = compareText(problem, await compared(problem, names));
    expect(text).toContain('all-local: The objective asks for energy, and the cluster does not state');
    expect(text).toMatch(/No planner has a feasible plan\.$/);
    expect(text).not.toContain('*');
  });
});

describe('compareCsv', () => {
  it('has the columns of the JSON, quotes what needs it and leaves the unknown empty', async () => {
    const json = compareJson(exampleProblem(), await compared(exampleProblem(), ['exhaustive', sulking]));
    const [exhaustive] = json.planners;
    expect(compareCsv(json).split('\r\n')).toEqual([
      'name,feasible,reason,latencySeconds,periodSeconds,energyJoules,peakMemoryBytes,bytesSent,accuracyLoss,planningSeconds,evaluations,gap,chainGap,onFront',
      `exhaustive,true,,${exhaustive?.latencySeconds},${exhaustive?.periodSeconds},,${exhaustive?.peakMemoryBytes},${exhaustive?.bytesSent},0,0,2,0,,true`,
      'sulking,false,"It has no ""wish"" to,\nand says so.",,,,,,,0,0,,,false',
    ]);
  });
});

describe('plannerProgress', () => {
  it('is silent for two seconds, then says who is at work, and stops', () => {
    vi.useFakeTimers();
    try {
      const lines: string[] = [];
      const { asking, stop } = plannerProgress(3, (line) => lines.push(line));
      asking('a');
      vi.advanceTimersByTime(1999);
      asking('b');
      expect(lines).toEqual([]);
      vi.advanceTimersByTime(1);
      expect(lines).toEqual(['planner 2 of 3: b']);
      asking('c');
      stop();
      expect(lines).toEqual(['planner 2 of 3: b', 'planner 3 of 3: c']);
      plannerProgress(1, (line) => lines.push(line)).stop();
      vi.runAllTimers();
      expect(lines).toHaveLength(2);
    } finally {
      vi.useRealTimers();
    }
  });
});
