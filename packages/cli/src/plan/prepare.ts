import {
  type Cluster,
  defaultCluster,
  type Graph,
  graphOf,
  type ModelProto,
  type Problem,
  problemDigest,
  UnsupportedError,
} from '@tandem/core';
import { createSha256, knownTensors, type LoadedModel, loadModel, readClusterFile } from '@tandem/node';

/** What the user named on the command line, turned into a problem that planners can answer. */
export interface Prepared {
  readonly loaded: LoadedModel;
  readonly graph: Graph;
  readonly problem: Problem;
  readonly digest: string;
}

/** Reads model and cluster. The caller closes `loaded`. */
export async function prepare(model: string, clusterFile: string | undefined): Promise<Prepared> {
  const cluster = clusterFile === undefined ? defaultCluster : await readClusterFile(clusterFile);
  const loaded = await loadModel(model);
  try {
    const graph = await analyse(loaded.model, await loaded.digest());
    const problem = problemOf(graph, cluster);
    return { loaded, graph, problem, digest: problemDigest(problem, createSha256) };
  } catch (error) {
    await loaded.close();
    throw error;
  }
}

/** Shapes by inference; where an operator is unknown, by executing the model once. */
export async function analyse(model: ModelProto, modelDigest?: string): Promise<Graph> {
  const digest = modelDigest === undefined ? {} : { modelDigest };
  try {
    return graphOf(model, { batch: 1, ...digest });
  } catch (error) {
    if (!(error instanceof UnsupportedError)) throw error;
    return graphOf(model, { batch: 1, known: await knownTensors(model), ...digest });
  }
}

function problemOf(graph: Graph, cluster: Cluster): Problem {
  return {
    graph,
    cluster,
    profile: { rows: [] },
    workload: { arrivals: { kind: 'one' }, source: cluster.source, sink: cluster.sink },
    objective: { kind: 'latency' },
    constraints: { memory: 'resident', neverLeaveRawInput: false },
  };
}
