import { readFile } from 'node:fs/promises';
import {
  batchableNodes,
  type ExitTable,
  exampleCluster,
  type Graph,
  InvalidInputError,
  type Problem,
  type ProblemOptions,
  problemDigest,
  problemOf,
  readExitTable,
} from '@tandem/core';
import { createSha256, type LoadedModel, loadModel, readClusterFile } from '@tandem/node';
import { calibrationOf } from '../calibrate/calibration-of.ts';
import type { PlanFlags } from '../flags.ts';
import type { Output } from '../output.ts';
import { type PredictedTimes, withPredictions } from '../profile/predictions.ts';
import { profilesOf } from '../profile/profiles-of.ts';
import { shapedGraph } from '../shaped-graph.ts';

/** What the user named on the command line, turned into a problem that planners can answer. */
export interface Prepared {
  /** To be closed by the caller. */
  readonly loaded: LoadedModel;
  readonly problem: Problem;
  /** Of the problem, model bytes included. */
  readonly digest: string;
  /** Null where no times are foretold. */
  readonly predictedTimes: PredictedTimes | null;
}

/** Reads model, cluster, profiles, calibration and exits, which go before those calibrated; no cluster file = the example cluster. */
export async function prepare(
  model: string,
  flags: Pick<PlanFlags, 'cluster' | 'dimension'> &
    Partial<Pick<PlanFlags, 'profile' | 'objective' | 'requests' | 'exits' | 'calibration' | 'accuracyLoss'>>,
  output: Output,
): Promise<Prepared> {
  const stated = flags.cluster === undefined ? exampleCluster() : await readClusterFile(flags.cluster);
  const loaded = await loadModel(model);
  try {
    const modelDigest = await loaded.digest();
    const graph = await shapedGraph(
      loaded.model,
      { batch: 1, dimensions: flags.dimension, modelDigest },
      output,
    );
    const measured = flags.profile ?? [];
    const { profile: known, cluster } = await profilesOf(measured, graph, stated);
    const { profile, predictedTimes } = withPredictions(graph, cluster, known);
    const calibrated = flags.calibration === undefined ? {} : await calibrationOf(flags.calibration, graph);
    const exits = flags.exits === undefined ? {} : { exits: await exitTableOf(flags.exits, graph) };
    const batchable = batchableNodes(loaded.model, graph, { dimensions: flags.dimension });
    const problem = problemOf(graph, cluster, {
      profile,
      ...calibrated,
      ...exits,
      ...wishOf(flags),
      batchable,
    });
    return { loaded, problem, digest: problemDigest(problem, createSha256), predictedTimes };
  } catch (error) {
    await loaded.close();
    throw error;
  }
}

async function exitTableOf(path: string, graph: Graph): Promise<ExitTable> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new InvalidInputError(
      `the table of exits ${path} cannot be read`,
      'Give a JSON file of the format tandem-exits.',
      { cause },
    );
  });
  return readExitTable(text, graph);
}

/** What the plan is for; nothing said = one request, soonest. */
function wishOf({
  objective,
  requests,
  accuracyLoss,
}: Partial<Pick<PlanFlags, 'objective' | 'requests' | 'accuracyLoss'>>): ProblemOptions {
  return {
    ...(accuracyLoss === undefined ? {} : { accuracyLoss }),
    ...(objective === undefined ? {} : { objective: { kind: objective } }),
    ...(requests === undefined ? {} : { requests }),
  };
}
