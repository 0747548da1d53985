import type { DeviceId } from '../cluster/cluster.ts';
import type { NodeId, TensorId } from '../graph/graph.ts';
import type { Hertz, Seconds } from '../units.ts';
import type { Policies } from './policies.ts';
import type { TransferCodec } from './transfer-codec.ts';

/** How a model runs across devices. Every planner returns this type; every plan can be priced, saved and run. */
export interface Plan {
  /** SHA-256 of the canonical JSON of the Problem that it answers. */
  readonly problemDigest: string;
  /** Grows with each plan that replaces another in one run; starts at 1. */
  readonly version: number;
  readonly planner: string;
  /** Topologically ordered; each convex; their quotient graph is acyclic; together every node exactly once. */
  readonly stages: readonly Stage[];
  /** Exactly the tensors that must cross between devices, each (tensor, to) once; to and from replicas each (tensor, from, to). */
  readonly transfers: readonly Transfer[];
  /** The clock rate that a device is set to, in hertz; a device that is not named runs at its highest. */
  readonly frequency?: Readonly<Record<DeviceId, Hertz>>;
  /** Which requests run in other ways (JPS). @default every request as `stages` and `transfers` say */
  readonly mix?: Mix;
  /** What is decided request by request. @default every request runs all stages, and every tensor travels as its transfer says */
  readonly policies?: Policies;
  /** What the planner itself believes that the plan costs. */
  readonly claim?: Claim;
  readonly why: Why;
}

/** Another way to run a request, at the plan's clock rates. */
export type Variant = Pick<Plan, 'stages' | 'transfers'>;

/** What each of many requests does. */
export interface Mix {
  /** Beside the plan's own stages and transfers, which no variant does more often. */
  readonly variants: readonly Variant[];
  /** In the order in which requests start, again from the beginning after its end: 0 = the plan's own stages, k = variant k − 1. */
  readonly pattern: readonly number[];
}

export interface Stage {
  readonly device: DeviceId;
  /** Ascending. */
  readonly nodes: readonly NodeId[];
  /** The devices that execute the stage by turns, `device` first. @default `device` alone */
  readonly replicas?: readonly Replica[];
  /** Threads of one operator, at most the device's. @default the device's */
  readonly threads?: number;
  /** Processors, by the system's numbers, to which its threads are held on every device that executes it. @default any */
  readonly cpus?: readonly number[];
  /** Up to so many requests that are ready are executed together: 2 to 32. Its nodes are `Problem.batchable`. @default 1 */
  readonly batch?: number;
  /** How long the first of them waits for the others. @default 0: only what is ready goes together */
  readonly batchWaitSeconds?: Seconds;
}

/** A device that executes its share of a stage's requests. */
export interface Replica {
  readonly device: DeviceId;
  /** How often, relative to the others' weights: above 0. Small whole numbers are kept to exactly (`weightedTurns`). */
  readonly weight: number;
}

export interface Transfer {
  readonly tensor: TensorId;
  readonly from: DeviceId;
  readonly to: DeviceId;
  readonly codec: TransferCodec;
}

/** A number of a Report that plans are compared by; 'weighted' is the sum that a weighted objective names. */
export type Figure = (typeof figures)[number];

export const figures: readonly [
  'latencySeconds',
  'periodSeconds',
  'makespanSeconds',
  'energyJoules',
  'weighted',
] = ['latencySeconds', 'periodSeconds', 'makespanSeconds', 'energyJoules', 'weighted'];

export interface Claim {
  readonly figure: Figure;
  /** In the figure's unit; a weighted sum has none. */
  readonly value: number;
}

/** Why this plan: the best other plan seen and the figure that decided, in words. */
export interface Why {
  /** One sentence for a person. */
  readonly sentence: string;
  readonly figure: Figure;
  readonly value: number;
  readonly runnerUp: { readonly name: string; readonly value: number } | null;
}
