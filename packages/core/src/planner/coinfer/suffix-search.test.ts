import { describe, expect, it } from 'vitest';
import { graphOf } from '../../graph/graph-of.ts';
import type { Problem } from '../../plan/problem.ts';
import { createRandom } from '../../random.ts';
import { bytes, bytesPerSecond } from '../../units.ts';
import { zooModel } from '../../zoo/zoo.ts';
import { ChainCosts } from '../chain/chain-costs.ts';
import { plannersEffort } from './best-joint.ts';
import { coinferFleet } from './coinfer-fleet.ts';
import { JointProblem } from './joint-problem.ts';
import { type RunningPlan, SuffixSearch } from './suffix-search.ts';

const vit = graphOf(zooModel('vit-b-16', { batch: 1 }));
const anyRate = bytesPerSecond(Number.POSITIVE_INFINITY);

async function planned(problem: Problem, seed: number): Promise<RunningPlan> {
  const joint = new JointProblem(problem);
  const point = await joint.coinfer('local', plannersEffort, createRandom(seed), async () => {});
  if (point === null) throw new Error('the fleet holds the network');
  return { bins: point.slice(0, joint.units), clocks: point.slice(joint.units) };
}

/** Every placement of so many units on the devices. */
function* placements(units: number, devices: readonly number[]): Generator<number[]> {
  if (units === 0) yield [];
  else
    for (const rest of placements(units - 1, devices)) for (const device of devices) yield [device, ...rest];
}

describe('what is left of a request', () => {
  it('is placed as well as by trying everything, where only time counts and all weights are at hand', async () => {
    for (let seed = 0; seed < 5; seed++) {
      const fleet = coinferFleet(vit, seed, 1.6, 1);
      const devices = fleet.cluster.devices.map((device) => ({ ...device, memoryBytes: bytes(1e12) }));
      const hosts = fleet.cluster.hosts.map((host) => ({ ...host, memoryBytes: bytes(1e12) }));
      const cluster = { ...fleet.cluster, devices, hosts };
      const problem: Problem = { ...fleet, cluster, objective: { kind: 'latency' } };
      const plan = await planned(problem, seed);
      const search = new SuffixSearch(problem, plan, anyRate);
      const victim = plan.bins.at(-1) ?? 0;
      const [done, holder] = [plan.bins.length - 4, victim === 0 ? 1 : 0];
      const found = search.search({ done, holder, lost: new Set([victim]) }) ?? [];
      const left = [...devices.keys()].filter((device) => device !== victim);
      const times = [...placements(4, left)].map((bins) => search.runs({ done, holder }, bins).answered);
      expect(found).toHaveLength(4);
      expect(search.runs({ done, holder }, found).answered).toBeCloseTo(Math.min(...times), 12);
    }
  });

  it('never goes to lost devices nor beyond the memory beside the plan', async () => {
    let placed = 0;
    for (let seed = 0; seed < 3; seed++) {
      const problem = coinferFleet(vit, seed, 1.6, 2);
      const chain = ChainCosts.of(problem, 36);
      const plan = await planned(problem, seed);
      const search = new SuffixSearch(problem, plan, bytesPerSecond(1e8));
      for (const victim of new Set(plan.bins)) {
        for (const done of [0, 12, 24]) {
          const holder = done === 0 ? search.source : victim === 0 ? 1 : 0;
          const bins = search.search({ done, holder, lost: new Set([victim]) });
          if (bins === null) continue;
          placed++;
          expect(bins).not.toContain(victim);
          for (const device of new Set(bins)) {
            const kept = plan.bins.flatMap((own, unit) => (own === device ? [unit] : []));
            const added = bins.flatMap((own, at) =>
              own === device && !kept.includes(done + at) ? [done + at] : [],
            );
            const parameters = [...kept, ...added].reduce((sum, unit) => sum + chain.parameterBytes(unit), 0);
            const peaks = added.map(
              (unit) => chain.memoryBytes(device, unit, unit + 1) - chain.parameterBytes(unit),
            );
            expect(parameters + Math.max(0, ...peaks)).toBeLessThanOrEqual(
              chain.capacityBytes(device) * (1 + 1e-9),
            );
          }
        }
      }
    }
    expect(placed).toBeGreaterThan(10);
  });

  it('waits for weights that are not there, and not for those that stand by', async () => {
    const problem = coinferFleet(vit, 0, 4, 2);
    const plan = await planned(problem, 0);
    const victim = plan.bins[20] ?? 0;
    const progress = {
      done: 0,
      holder: new SuffixSearch(problem, plan, anyRate).source,
      lost: new Set([victim]),
    };
    const waited = (search: SuffixSearch): number =>
      search
        .runs(progress, search.search(progress) ?? [])
        .runs.reduce((sum, { arrives, starts }) => sum + starts - arrives, 0);
    const search = new SuffixSearch(problem, plan, bytesPerSecond(1e6));
    expect(waited(search)).toBeGreaterThan(0);
    const others = search.search(progress) ?? [];
    for (const [unit, device] of plan.bins.entries())
      if (device === victim) search.standBy(unit, others[unit] ?? 0);
    expect(waited(search)).toBe(0);
  });
});
