import type { SimpleObjective } from '@tandem/core';

/** Sizes of symbolic dimensions. */
export type Dimensions = Readonly<Record<string, number>>;

/** What commander hands to each command. */
export interface InspectFlags {
  readonly json?: boolean;
  readonly resolution?: number;
  readonly batch: number;
  readonly dimension: Dimensions;
  readonly memory?: boolean;
  readonly chart?: string;
  readonly cluster?: string;
}

export interface ProfileFlags {
  readonly json?: boolean;
  readonly dimension: Dimensions;
  readonly batch: string;
  readonly clock?: string;
  readonly threads: string;
  readonly passes: number;
  readonly device: string;
  readonly output?: string;
}

export interface CalibrateFlags {
  readonly json?: boolean;
  readonly data: string;
  readonly labels?: string;
  readonly card: string;
  readonly cuts: string;
  readonly budget: number;
  readonly range?: readonly [number, number];
  readonly samples?: number;
  readonly threads?: number;
  readonly dimension: Dimensions;
  readonly output?: string;
}

export interface ProbeFlags {
  readonly json?: boolean;
  readonly threads?: string;
  readonly device: string;
  readonly agent: readonly string[];
  readonly token?: string;
  readonly output?: string;
}

/** What makes a problem of a model, and who is to plan it. */
interface PlanningFlags {
  readonly json?: boolean;
  readonly cluster?: string;
  readonly profile: readonly string[];
  readonly calibration?: string;
  readonly accuracyLoss?: number;
  readonly dimension: Dimensions;
  readonly objective: SimpleObjective['kind'];
  readonly requests: number;
  readonly exits?: string;
  readonly planner?: string;
}

export interface PlanFlags extends PlanningFlags {
  readonly output?: string;
  readonly chart?: string;
}

export interface CompareFlags extends PlanningFlags {
  readonly csv?: string;
  readonly chart?: string;
}

export interface SimulateFlags {
  readonly json?: boolean;
  readonly both?: boolean;
  readonly token?: string;
  readonly trace?: string;
  readonly perfetto?: string;
}

/** How agents that are started here are spoken to. */
export type TransportName = 'tcp' | 'websocket';

/** 'ordered': as the frames are named. 'runs': pieces of that in any order. 'shuffled': frames in any order. */
export type FrameOrder = 'ordered' | 'runs' | 'shuffled';

/** Another model on the same agents at the same time. */
export interface BesideFlags {
  readonly beside?: string;
  readonly besidePlan?: string;
  readonly besidePlanner?: string;
  readonly besideRequests?: number;
  readonly besideRate?: number;
  readonly besidePriority?: number;
  readonly besideTurn?: number;
  /** Of the first model. */
  readonly priority?: number;
}

export interface RunFlags extends PlanningFlags, BesideFlags {
  readonly stream?: string;
  readonly order?: FrameOrder;
  readonly range?: readonly [number, number];
  readonly full?: boolean;
  readonly centres?: string;
  readonly transport: TransportName;
  readonly pin?: boolean;
  readonly rate?: number;
  readonly window?: number;
  readonly unordered?: boolean;
  readonly lossless?: boolean;
  readonly repair?: boolean;
  readonly standby?: boolean;
  readonly adapt?: boolean;
  readonly sensors?: string;
  readonly mission?: string;
  readonly journal?: string;
  readonly both?: boolean;
  readonly trace?: string;
  readonly perfetto?: string;
  readonly input: readonly string[];
  readonly card: string;
  readonly labels?: string;
  readonly plan?: string;
  readonly token?: string;
  readonly optimisation: 'all' | 'basic';
  readonly timeout: number;
}

/** Who sets the clocks that plans want of a machine. */
export const clockSetters = ['cpufreq', 'nvpmodel', 'quota'] as const;
export type ClockSetter = (typeof clockSetters)[number];

export interface AgentFlags {
  readonly json?: boolean;
  readonly listen: string;
  readonly token?: string;
  readonly store?: string;
  readonly clocks?: ClockSetter | 'any';
  readonly sensors?: string;
  readonly parent?: boolean;
}

export interface ChaosFlags {
  readonly json?: boolean;
  readonly seed?: number;
}

export interface CatalogueFlags {
  readonly json?: boolean;
}

export interface ReproduceFlags {
  readonly json?: boolean;
  readonly page?: string;
  readonly chart?: string;
}

export interface DoctorFlags {
  readonly json?: boolean;
}
