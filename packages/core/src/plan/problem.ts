import type { Cluster, DeviceId } from '../cluster/cluster.ts';
import type { Graph, NodeId } from '../graph/graph.ts';
import type { Profile } from '../profile/profile.ts';
import type { Joules, Seconds } from '../units.ts';
import type { Accuracy } from './accuracy.ts';
import type { ExitTable } from './exit-table.ts';
import type { Figure } from './plan.ts';

/** Everything that a planner may look at. JSON-able; `problemDigest` names it. */
export interface Problem {
  readonly graph: Graph;
  readonly cluster: Cluster;
  readonly profile: Profile;
  readonly workload: Workload;
  readonly objective: Objective;
  readonly constraints: Constraints;
  /** What coarser codecs cost. @default the assumption of `codecLoss` */
  readonly accuracy?: Accuracy;
  /** Where the model may answer early. @default nowhere */
  readonly exits?: ExitTable;
  /** Nodes that several requests can share a run of (`batchableNodes`), ascending. @default none */
  readonly batchable?: readonly NodeId[];
}

/** The graph's inputs appear at `source`, its outputs are wanted at `sink`. */
export interface Workload {
  readonly arrivals: Arrivals;
  readonly source: DeviceId;
  readonly sink: DeviceId;
}

/** One request alone, or many that are all there at the start. */
export type Arrivals = { readonly kind: 'one' } | { readonly kind: 'batch'; readonly requests: number };

/** How many requests there are in all. */
export function requestsOf({ arrivals }: Pick<Workload, 'arrivals'>): number {
  return arrivals.kind === 'batch' ? arrivals.requests : 1;
}

/** What is to be small; `objectiveValue` says how small a Report makes it. */
export type Objective = SimpleObjective | WeightedObjective | LexicographicObjective;

export interface SimpleObjective {
  readonly kind: 'latency' | 'period' | 'makespan' | 'energy';
}

/** Σ weight × figure / reference, such as COINFER's J = α T / Tref + β E / Eref. */
export interface WeightedObjective {
  readonly kind: 'weighted';
  readonly terms: readonly WeightedTerm[];
}

export interface WeightedTerm {
  readonly figure: PlainFigure;
  /** >= 0 */
  readonly weight: number;
  /** Above 0, in the figure's unit: what counts as one. */
  readonly reference: number;
}

/** The first figure decides; where it is equal the second, and so on. At least one. */
export interface LexicographicObjective {
  readonly kind: 'lexicographic';
  readonly figures: readonly PlainFigure[];
}

export type PlainFigure = Exclude<Figure, 'weighted'>;

export interface Constraints {
  /**
   * 'resident': every stage's parameters stay loaded. 'transient': a stage's are there only while it runs, so that each request
   * waits for them at the device's `loadBytesPerSecond`; no time at all where the cluster does not state that.
   */
  readonly memory: 'resident' | 'transient';
  /** True: no graph input may cross a link. @default false */
  readonly neverLeaveRawInput: boolean;
  /** The most that one request may take, also one that meets every exit and stays. @default any */
  readonly latencySeconds?: Seconds;
  /** The most energy that one request may take. @default any */
  readonly energyJoules?: Joules;
  /** The share of answers, 0 to 1, that codecs and exits may cost. @default any */
  readonly accuracyLoss?: number;
}
