import {
  exampleCluster,
  type Graph,
  graphOf,
  type ModelProto,
  type Problem,
  problemDigest,
  problemOf,
  UnsupportedError,
} from '@tandem/core';
import { createSha256, knownTensors, type LoadedModel, loadModel, readClusterFile } from '@tandem/node';

/** What the user named on the command line, turned into a problem that planners can answer. */
export interface Prepared {
  /** To be closed by the caller. */
  readonly loaded: LoadedModel;
  readonly problem: Problem;
  /** Of the problem, model bytes included. */
  readonly digest: string;
}

/** Reads model and cluster; `clusterFile` undefined = the example cluster. */
export async function prepare(model: string, clusterFile: string | undefined): Promise<Prepared> {
  const cluster = clusterFile === undefined ? exampleCluster() : await readClusterFile(clusterFile);
  const loaded = await loadModel(model);
  try {
    const problem = problemOf(await analyse(loaded.model, await loaded.digest()), cluster);
    return { loaded, problem, digest: problemDigest(problem, createSha256) };
  } catch (error) {
    await loaded.close();
    throw error;
  }
}

/** One request's shapes: inferred, or, where an operator is unknown, observed by executing the model once. */
async function analyse(model: ModelProto, modelDigest: string): Promise<Graph> {
  try {
    return graphOf(model, { batch: 1, modelDigest });
  } catch (error) {
    if (!(error instanceof UnsupportedError)) throw error;
    return graphOf(model, { batch: 1, modelDigest, known: await knownTensors(model) });
  }
}
