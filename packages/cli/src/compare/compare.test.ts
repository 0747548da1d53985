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
    const { planners, chosen, frontFigures, energyUnknown } = compareJson(comparison);
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
      planningSeconds: 0,
      evaluations: 0,
      onFront: false,
    });
  });
});

describe('compareText', () => {
  it('marks the least of each column and the front, and names the chosen plan', async () => {
    const problem = exampleProblem();
    const text = compareText(problem, await compared(problem, [...names, sulking]));
    expect(text).toMatchInlineSnapshot(`
      "Planners for mobilenet-v2, by latency

           planner     latency    period    memory      sent   planning   priced  over best    gap
           all-local    118 ms    118 ms   23.8 MB       0 B*      0 µs*       1     25.8 %      –
           all-server   268 ms    241 ms   23.8 MB    606 kB       0 µs*       1    186.3 %      –
        ●  even-split  99.6 ms   67.3 ms   14.4 MB*  54.2 kB       0 µs*       1      6.4 %      –
        ●  exhaustive  93.6 ms*  59.9 ms*  14.8 MB   54.2 kB       0 µs*       2      0.0 %  0.0 %
           sulking           –         –         –         –          –        0          –      –

      * least of its column; priced: plans that the planner had the cost model price.
      ● no other plan is as good in latency, period, memory and better in one.
      gap: above what the planner proved that no plan of its kind is below.
      The cluster does not state the power of 'pi'.

      No plan:
      sulking: It has no "wish" to,
      and says so.

      Chosen: exhaustive, which takes 93.55 ms: 59 of 152 nodes on 'pi', then 93 on 'server'."
    `);
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
    const json = compareJson(await compared(exampleProblem(), ['exhaustive', sulking]));
    const [exhaustive] = json.planners;
    expect(compareCsv(json).split('\r\n')).toEqual([
      'name,feasible,reason,latencySeconds,periodSeconds,energyJoules,peakMemoryBytes,bytesSent,planningSeconds,evaluations,gap,onFront',
      `exhaustive,true,,${exhaustive?.latencySeconds},${exhaustive?.periodSeconds},,${exhaustive?.peakMemoryBytes},${exhaustive?.bytesSent},0,2,0,true`,
      'sulking,false,"It has no ""wish"" to,\nand says so.",,,,,,0,0,,false',
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
