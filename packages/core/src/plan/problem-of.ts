import type { Cluster, DeviceId } from '../cluster/cluster.ts';
import { InvalidInputError } from '../errors.ts';
import type { Graph, NodeId } from '../graph/graph.ts';
import type { Profile } from '../profile/profile.ts';
import type { Joules, Seconds } from '../units.ts';
import type { Accuracy } from './accuracy.ts';
import { checkExitTable, type ExitTable } from './exit-table.ts';
import type { Arrivals, Constraints, Objective, Problem } from './problem.ts';

export interface ProblemOptions {
  /** @default nothing measured */
  readonly profile?: Profile;
  /** @default the cluster's source, else its first device */
  readonly source?: DeviceId;
  /** @default the cluster's sink, else where the request entered */
  readonly sink?: DeviceId;
  /** @default false */
  readonly neverLeaveRawInput?: boolean;
  /** @default latency */
  readonly objective?: Objective;
  /** @default 1 */
  readonly requests?: number;
  /** @default 'resident' */
  readonly memory?: Constraints['memory'];
  /** The most that one request may take. @default any */
  readonly latencySeconds?: Seconds;
  /** The most energy that one request may take. @default any */
  readonly energyJoules?: Joules;
  /** The share of answers, 0 to 1, that codecs and exits may cost. @default any */
  readonly accuracyLoss?: number;
  /** @default the assumption of `codecLoss` */
  readonly accuracy?: Accuracy;
  /** Where the model may answer early. @default nowhere */
  readonly exits?: ExitTable;
  /** `batchableNodes`. @default none */
  readonly batchable?: readonly NodeId[];
}

/**
 * The problem of running `graph` on `cluster`: one request, soonest, unless the options say otherwise. Throws InvalidInputError on
 * an unknown source or sink, a number of requests that is none, an objective that does not say what to compare, and exits that the graph
 * does not have.
 */
export function problemOf(graph: Graph, cluster: Cluster, options: ProblemOptions = {}): Problem {
  const source = options.source ?? cluster.source ?? cluster.devices[0]?.id ?? '';
  const sink = options.sink ?? cluster.sink ?? source;
  for (const id of [source, sink]) {
    if (cluster.devices.some((device) => device.id === id)) continue;
    throw new InvalidInputError(
      `the device '${id}' is not in the cluster '${cluster.name}', expected ${deviceNames(cluster)}`,
      'Name a device of the cluster as source and sink.',
    );
  }
  checkObjective(options.objective);
  if (options.exits !== undefined) checkExitTable(graph, options.exits);
  return {
    graph,
    cluster,
    profile: options.profile ?? { rows: [] },
    workload: { arrivals: arrivalsOf(options.requests ?? 1), source, sink },
    objective: options.objective ?? { kind: 'latency' },
    constraints: constraintsOf(options),
    ...(options.accuracy === undefined ? {} : { accuracy: options.accuracy }),
    ...(options.exits === undefined ? {} : { exits: options.exits }),
    ...(options.batchable === undefined || options.batchable.length === 0
      ? {}
      : { batchable: options.batchable }),
  };
}

/** Keys appear only where something is asked, so that a problem without them keeps its digest. */
function constraintsOf({
  memory,
  neverLeaveRawInput,
  latencySeconds,
  energyJoules,
  accuracyLoss,
}: ProblemOptions): Constraints {
  return {
    memory: memory ?? 'resident',
    neverLeaveRawInput: neverLeaveRawInput ?? false,
    ...(latencySeconds === undefined ? {} : { latencySeconds }),
    ...(energyJoules === undefined ? {} : { energyJoules }),
    ...(accuracyLoss === undefined ? {} : { accuracyLoss }),
  };
}

function arrivalsOf(requests: number): Arrivals {
  if (Number.isSafeInteger(requests) && requests >= 1)
    return requests === 1 ? { kind: 'one' } : { kind: 'batch', requests };
  throw new InvalidInputError(
    `the number of requests is ${requests}, expected a whole number of at least 1`,
    'Ask for one request or more.',
  );
}

function checkObjective(objective: Objective | undefined): void {
  if (objective?.kind === 'lexicographic' && objective.figures.length === 0)
    throw new InvalidInputError('a lexicographic objective names no figure', 'Name at least one figure.');
  if (objective?.kind !== 'weighted') return;
  if (objective.terms.length === 0)
    throw new InvalidInputError('a weighted objective has no terms', 'Give at least one term.');
  for (const { figure, weight, reference } of objective.terms) {
    if (weight >= 0 && Number.isFinite(weight) && reference > 0 && Number.isFinite(reference)) continue;
    throw new InvalidInputError(
      `the term ${figure} has weight ${weight} and reference ${reference}, expected a weight >= 0 and a reference > 0`,
      'Give finite numbers; the reference is the value that counts as one.',
    );
  }
}

function deviceNames(cluster: Cluster): string {
  return cluster.devices.map(({ id }) => `'${id}'`).join(', ') || 'a cluster with devices';
}
