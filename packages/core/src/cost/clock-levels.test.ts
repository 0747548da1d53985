import { describe, expect, it } from 'vitest';
import type { Device } from '../cluster/cluster.ts';
import type { Problem } from '../plan/problem.ts';
import { randomProblem } from '../plan/random-problem.ts';
import type { LevelSeconds } from '../profile/profile.ts';
import { createRandom } from '../random.ts';
import { hertz, seconds } from '../units.ts';
import { computeTable, stageTime } from './cost-tables.ts';

/** A chain of which every node was measured at 2 s and 1 to 2 as one stage at 3 s, at these slower levels too. */
function measured(nodeLevels: LevelSeconds[], stageLevels: LevelSeconds[]): Problem {
  const problem = randomProblem(createRandom(1), { graph: { kind: 'chain', nodes: 4 } });
  const frequencies: Device['frequencies'] = {
    kind: 'range',
    minimumHertz: hertz(5e8),
    maximumHertz: hertz(2e9),
  };
  const devices = problem.cluster.devices.map((device) => ({ ...device, frequencies }));
  const own = { device: 'd0', source: 'measured' } as const;
  const rows = problem.graph.nodes.map(({ name }) => ({
    node: name,
    seconds: seconds(2),
    ...own,
    levels: nodeLevels,
  }));
  const segments = [{ segment: '1-2', seconds: seconds(3), ...own, levels: stageLevels }];
  return { ...problem, cluster: { ...problem.cluster, devices }, profile: { rows, segments } };
}

const level = (rate: number, time: number): LevelSeconds => ({ hertz: hertz(rate), seconds: seconds(time) });

describe('clock levels that were measured', () => {
  // The node computes for 1 s at the highest rate and moves bytes for 1 s; the stage for 2 s and 1 s.
  const problem = measured([level(1e9, 3)], [level(1e9, 5)]);
  it.each([
    [2e9, 2, 3, 'measured'],
    [1e9, 3, 5, 'measured'],
    [5e8, 5, 9, 'predicted'],
  ] as const)('price nodes and stages at %f Hz', (rate, node, stage, source) => {
    const table = computeTable(problem, { d0: hertz(rate) });
    const d0 = table.devices.indexOf('d0');
    expect(stageTime(table, d0, [0])).toMatchObject({ seconds: node, source });
    expect(stageTime(table, d0, [1, 2])).toMatchObject({ seconds: stage, source });
  });

  it('give way to the nodes where only those were measured below the highest rate', () => {
    const table = computeTable(measured([level(1e9, 3)], []), { d0: hertz(1e9) });
    expect(stageTime(table, table.devices.indexOf('d0'), [1, 2]).seconds).toBe(6);
  });
});
