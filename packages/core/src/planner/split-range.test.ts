import { describe, expect, it } from 'vitest';
import { exampleCluster } from '../cluster/example-cluster.ts';
import type { Rate } from '../cluster/rate.ts';
import { rateAt } from '../cluster/rate-at.ts';
import { createEvaluator } from '../cost/evaluate.ts';
import { randomGraph } from '../graph/random-graph.ts';
import type { Problem } from '../plan/problem.ts';
import { problemOf } from '../plan/problem-of.ts';
import { createRandom } from '../random.ts';
import { bitsPerSecond, bytes, hertz, seconds } from '../units.ts';
import { bestSplit } from './best-split.ts';
import { choose } from './choose.ts';
import { isSplit } from './placement-text.ts';
import { splitRange } from './split-range.ts';
import { stillContext } from './still-context.ts';

const context = stillContext();

function problemAt(megabits: number, seed = 5, maximumBytes = 4e5): Problem {
  const graph = randomGraph(createRandom(seed), {
    kind: 'chain',
    nodes: 12,
    maximumFlops: 1e8,
    maximumBytes,
  });
  return withRate(problemOf(graph, exampleCluster()), megabits * 1e6);
}

function withRate(problem: Problem, rate: number): Problem {
  const links = problem.cluster.links.map((link) => ({
    ...link,
    rate: { kind: 'constant' as const, bitsPerSecond: bitsPerSecond(rate) },
  }));
  return { ...problem, cluster: { ...problem.cluster, links } };
}

async function splits(problem: Problem): Promise<boolean> {
  const { planned } = await choose(problem, ['all-local', 'all-server', 'neurosurgeon-topo'], context);
  return isSplit(planned.plan);
}

describe('splitRange', () => {
  it('names a rate at which the planners split, just beyond one at which they do not', async () => {
    let found = 0;
    for (let seed = 0; seed < 30; seed++) {
      const problem = problemAt(1, seed);
      if (await splits(problem)) continue;
      const range = await splitRange(problem, context);
      if (range.kind !== 'found') continue;
      found++;
      const rate = rateAt(problem.cluster.links[0]!, 0) * range.nearest;
      expect(await splits(withRate(problem, rate))).toBe(true);
      const step = 2 ** (1 / 64);
      const nearer = range.nearest > 1 ? rate / step : rate * step;
      expect(await splits(withRate(problem, nearer))).toBe(false);
      expect(range.split.value).toBeLessThan(range.alone);
      if (range.farthest !== null) {
        const farther = range.farthest * (range.nearest > 1 ? step : 1 / step);
        expect(await splits(withRate(problem, 1e6 * farther))).toBe(false);
      }
    }
    expect(found).toBeGreaterThan(5);
  });

  it('says that no rate helps when nothing is gained by moving work', async () => {
    const problem = problemAt(20);
    const devices = problem.cluster.devices.map((device) => ({
      ...device,
      flopsPerSecond: problem.cluster.devices[0]!.flopsPerSecond,
      memoryBytesPerSecond: problem.cluster.devices[0]!.memoryBytesPerSecond,
      launchSeconds: seconds(0),
    }));
    const alike = { ...problem, cluster: { ...problem.cluster, devices } };
    expect(await splitRange(alike, context)).toEqual({ kind: 'none', lowest: 1 / 256, highest: 256 });
  });

  it('keeps the course of a rate that changes, and what noise leaves of a bandwidth', async () => {
    let seed = 0;
    let found = await splitRange(problemAt(1, seed), context);
    while (found.kind !== 'found' && seed < 30) found = await splitRange(problemAt(1, ++seed), context);
    const plain = problemAt(1, seed);
    const nearest = found.kind === 'found' ? found.nearest : Number.NaN;
    const rates: readonly Rate[] = [
      { kind: 'trace', points: [{ seconds: seconds(0), bitsPerSecond: bitsPerSecond(1e6) }], loop: false },
      { kind: 'shannon', bandwidthHertz: hertz(1e6), snrDecibels: 0 },
    ];
    for (const rate of rates) {
      const links = plain.cluster.links.map((link) => ({ ...link, rate }));
      const range = await splitRange({ ...plain, cluster: { ...plain.cluster, links } }, context);
      expect(range).toMatchObject({ kind: 'found', nearest });
    }
  });

  it('does not look for it where that would be slow', async () => {
    const graph = randomGraph(createRandom(1), { kind: 'chain', nodes: 3000 });
    const range = await splitRange(problemOf(graph, exampleCluster()), context);
    expect(range).toEqual({
      kind: 'not-sought',
      reason: 'it would take 84000 scores, and at most 60000 are made',
    });
  });
});

describe('bestSplit', () => {
  it('has work on both devices, or says why there is none', async () => {
    const problem = problemAt(20);
    const split = await bestSplit(problem, { ...context, evaluator: createEvaluator(problem) });
    expect(split).toMatchObject({ plan: { stages: [{ device: 'pi' }, { device: 'server' }] } });
    const hosts = problem.cluster.hosts.map((host) => ({ ...host, memoryBytes: bytes(1) }));
    const tight = { ...problem, cluster: { ...problem.cluster, hosts } };
    expect(await bestSplit(tight, { ...context, evaluator: createEvaluator(tight) })).toMatch(/^None of \d+/);
    const lonely = {
      ...problem,
      cluster: { ...problem.cluster, devices: problem.cluster.devices.slice(0, 1) },
    };
    expect(await bestSplit(lonely, { ...context, evaluator: createEvaluator(lonely) })).toMatch(/one device/);
  });
});
