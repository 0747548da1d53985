import { singleTensorCuts } from '../../graph/single-tensor-cuts.ts';
import { type Problem, requestsOf } from '../../plan/problem.ts';
import type { TransferCodec } from '../../plan/transfer-codec.ts';
import { hullMix } from '../../search/batch-mix.ts';
import { bestSequence } from '../../search/best-sequence.ts';
import { runPacedSearch } from '../../search/paced-search.ts';
import { codedCrossing } from '../coded-crossing.ts';
import type { Pacer } from '../pacer.ts';
import { cutPlan } from '../plan-two-stages.ts';
import type { Planner } from '../planner.ts';
import { serverPairs, supportsServers } from '../server-pairs.ts';
import { BatchJobs } from './batch-jobs.ts';
import type { CutOptions } from './cut-options.ts';
import { type BatchTask, planBatch } from './plan-batch.ts';

const mostRequests = 8;
const mostCuts = 256;

/**
 * The batch of JPS that ends first, over all cuts that a single tensor crosses, for each request and in all orders: what the other planners of
 * JPS are held against. Differs from the paper in that the server's time and the answer's way count, as `evaluate` counts them. Exact where
 * links keep their rates, each request uses a device and a link once and memory is not short; for small batches.
 */
export const jpsExact: Planner = exactly('jps-exact', null);

/** With tensors in 8 bits, one range each. */
export const jpsExactCoded: Planner = exactly('jps-exact-q8', { kind: 'affine', bits: 8, perChannel: false });

function exactly(name: string, codec: TransferCodec | null): Planner {
  return {
    name,
    paper: 'JPS: Duan and Wu, the best of all their batches',
    ...(codec === null ? {} : { lossy: true }),
    supports: supportsSmallBatches,
    plan: (problem, context) => {
      const task = { planner: name, problem, context };
      return planBatch(task, serverPairs(problem), codedCrossing(problem, codec ?? { kind: 'raw' }), {
        alone: ({ cuts }) => cuts,
        patterns: (options, before, pacer) => exactPatterns(task, options, before, pacer),
      });
    },
  };
}

function supportsSmallBatches(problem: Problem): ReturnType<Planner['supports']> {
  const reason = tooLarge(problem);
  return reason === null ? supportsServers(problem) : { yes: false, reason };
}

function tooLarge({ objective, workload, cluster, graph }: Problem): string | null {
  const requests = requestsOf(workload);
  if (objective.kind !== 'makespan')
    return `It makes the makespan of a batch small, and the objective is ${objective.kind}.`;
  if (requests > mostRequests)
    return `The batch has ${requests} requests, more than the ${mostRequests} whose every order can be tried.`;
  if (cluster.links.some(({ rate }) => rate.kind === 'trace'))
    return 'The rate of a link changes, and the best order would depend on when.';
  const cuts = singleTensorCuts(graph).length;
  return cuts <= mostCuts
    ? null
    : `A single tensor crosses ${cuts} cuts, more than the ${mostCuts} of which every order can be tried.`;
}

/** The hull's pattern, and the best one where that ends before it and before `before`. */
async function exactPatterns(
  task: BatchTask,
  options: CutOptions,
  before: number,
  pacer: Pacer,
): Promise<readonly (readonly number[])[]> {
  const jobs = requestsOf(task.problem.workload);
  const { order } = hullMix(options.steps, jobs);
  if (jobs === 1 || order.length === 0) return [];
  const { planner, problem, context } = task;
  const plans = options.cuts.map((cut) => cutPlan(planner, problem, context, options.pair, cut));
  const batch = new BatchJobs(problem, options.pair, plans);
  const end = batch.endSeconds(order);
  const found = await runPacedSearch(bestSequence(batch.sequences(jobs, Math.min(before, end))), pacer);
  return found === null ? [order] : [order, found.order];
}
