import { mixedPlan, type Plan, type Problem, requestsOf, type TransferCodec } from '@tandem/core';
import { codedPlan, eightBits } from './coded-families.ts';
import { cutsBetween, type Family, idsOf, thinCuts } from './families.ts';

/** Each request of the batch by any of the cuts that one tensor crosses, to one server; in every order. */
export const rawBatches: Family = (problem) => batches(problem, { kind: 'raw' });

export const eightBitBatches: Family = (problem) => batches(problem, eightBits);

function* batches(problem: Problem, codec: TransferCodec): Generator<Plan> {
  const { source } = problem.workload;
  const cuts = thinCuts(problem.graph);
  for (const server of idsOf(problem)) {
    if (server === source) continue;
    const placements = [...cutsBetween(problem, cuts, source, server)];
    yield* patternsOf(
      placements.map((stages) => codedPlan(problem, stages, () => codec)),
      requestsOf(problem.workload),
    );
  }
}

function* patternsOf([first, ...others]: readonly Plan[], requests: number): Generator<Plan> {
  if (first === undefined) return;
  const count = 1 + others.length;
  for (let code = 0; code < count ** requests; code++)
    yield mixedPlan(
      [first, ...others],
      Array.from({ length: requests }, (_, at) => Math.floor(code / count ** at) % count),
    );
}
