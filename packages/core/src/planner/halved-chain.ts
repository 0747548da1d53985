import type { Link } from '../cluster/cluster.ts';
import { exampleCluster } from '../cluster/example-cluster.ts';
import type { Graph } from '../graph/graph.ts';
import { randomGraph } from '../graph/random-graph.ts';
import type { Plan } from '../plan/plan.ts';
import { planOf } from '../plan/plan-of.ts';
import type { Policies } from '../plan/policies.ts';
import type { Problem } from '../plan/problem.ts';
import { type ProblemOptions, problemOf } from '../plan/problem-of.ts';
import type { TransferCodec } from '../plan/transfer-codec.ts';
import { createRandom } from '../random.ts';
import { bitsPerSecond } from '../units.ts';

/** Nodes 0 to 4; tensor 3 crosses behind node 2. */
export const chain: Graph = randomGraph(createRandom(3), { kind: 'chain', nodes: 5 });

/** The chain on two devices between which a link passes so many bits a second. */
export function chainProblem(rate: number, options: ProblemOptions, link: Partial<Link> = {}): Problem {
  const { links, ...cluster } = exampleCluster();
  const constant = { kind: 'constant', bitsPerSecond: bitsPerSecond(rate) } as const;
  return problemOf(
    chain,
    { ...cluster, links: links.map((own) => ({ ...own, ...link, rate: constant })) },
    options,
  );
}

/** The chain cut behind node 2; what crosses there is coded. */
export function halvedPlan(problem: Problem, codec: TransferCodec, policies?: Policies): Plan {
  const stages = [
    { device: 'pi', nodes: [0, 1, 2] },
    { device: 'server', nodes: [3, 4] },
  ];
  return planOf(problem, '', stages, 'by-hand', {
    codecOf: ({ to }) => (to === 'server' ? codec : { kind: 'raw' }),
    ...(policies === undefined ? {} : { policies }),
  });
}
