import {
  type Choice,
  type DeviceEnergy,
  type DeviceMemory,
  gapOver,
  objectiveValue,
  type Plan,
  type Problem,
  placementText,
  planWays,
  type Replica,
  type Report,
  rateAt,
  requestsOf,
  type Source,
  type TimeShare,
} from '@tandem/core';
import { type DeviceFit, deviceFits } from '../memory/device-fit.ts';
import { computeErrorSeconds } from '../profile/compute-error.ts';
import type { PredictedTimes } from '../profile/predictions.ts';
import { type AccuracyExplanation, accuracyExplanation } from './accuracy-explanation.ts';
import { type ExitsExplanation, exitsOf } from './exits-explanation.ts';
import { notExecuted } from './not-executed.ts';

/** A plan with every figure, where it comes from and how far to believe it; what `tandem plan` adds to plan and report. */
export interface Explanation {
  readonly stages: readonly StageExplanation[];
  readonly transfers: readonly TransferExplanation[];
  /** Null where every request runs alike; `stages` and `transfers` are those of most requests. */
  readonly mix: MixExplanation | null;
  /** Null where no request leaves early. */
  readonly exits: ExitsExplanation | null;
  readonly totals: Totals;
  /** How far to believe times that are foretold; null where none are. */
  readonly predictedTimes: PredictedTimes | null;
  readonly accuracy: AccuracyExplanation;
  readonly memory: readonly MemoryExplanation[];
  /** Of one request, by device that takes part; null where it cannot be told (`totals.energyUnknown` says why). */
  readonly energy: readonly { readonly device: string; readonly joules: DeviceEnergy | null }[];
  readonly planners: readonly PlannerExplanation[];
  /** What the plan asks for and `tandem run` does not do, one sentence each. */
  readonly notExecuted: readonly string[];
}

/** The ways in which requests run, and in which order. */
export interface MixExplanation {
  /** The one that most requests take first. */
  readonly ways: readonly WayExplanation[];
  /** How many requests in a row run by which way, by position; again from the beginning after the last. */
  readonly runs: readonly { readonly requests: number; readonly way: number }[];
}

export interface WayExplanation {
  /** How many of the pattern's. */
  readonly requests: number;
  readonly placement: string;
  readonly latencySeconds: number;
  readonly bytesSent: number;
}

export interface StageExplanation {
  readonly device: string;
  /** Where the stage has replicas: the devices that take its requests in turn, by weight, `device` first. */
  readonly replicas?: readonly Replica[];
  /** Where the plan says so: of one operator, and the processors that they are held to. */
  readonly threads?: number;
  readonly cpus?: readonly number[];
  /** Where requests run together: how many, how long the first waits, and what one takes alone; `computeSeconds` is a full batch's. */
  readonly together?: NonNullable<Report['stages'][number]['together']>;
  /** How many. */
  readonly nodes: number;
  readonly first: string;
  readonly last: string;
  readonly computeSeconds: number;
  /** Half the distance between the quartiles of repeated measurements; null where the stage was not measured as one piece. */
  readonly errorSeconds: number | null;
  readonly source: Source;
  readonly startSeconds: number;
  readonly endSeconds: number;
}

export interface TransferExplanation {
  readonly tensor: string;
  readonly shape: readonly number[];
  readonly bytes: number;
  readonly from: string;
  readonly to: string;
  /** From the tensor's turn on the link to its arrival, half a round trip included. */
  readonly seconds: number;
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** When the transfer starts; null where no link leads there. */
  readonly bitsPerSecond: number | null;
  /** 'constant' = the cluster states it, 'trace' = what its trace has when the transfer starts, 'shannon' = from bandwidth and noise. */
  readonly rateSource: 'constant' | 'trace' | 'shannon' | null;
}

export interface Totals {
  readonly latencySeconds: number;
  /** Of the stages together; null unless each was measured as one piece and every request runs alike. */
  readonly errorSeconds: number | null;
  /** The least certain among the times. */
  readonly source: Source;
  readonly periodSeconds: number;
  /** 1 / period. */
  readonly requestsPerSecond: number;
  /** The device or link that sets the period. */
  readonly busiest: string;
  readonly requests: number;
  readonly makespanSeconds: number;
  readonly bytesSent: number;
  readonly energyJoules: number | null;
  readonly energyUnknown: string | null;
}

/** What the plan makes a device hold, and what it would hold of the whole model. */
export interface MemoryExplanation extends DeviceMemory {
  readonly device: string;
  readonly capacityBytes: number;
  /** Of the capacity. */
  readonly share: number;
  readonly alone: Pick<DeviceFit, 'front' | 'back' | 'share'>;
}

export interface PlannerExplanation {
  readonly name: string;
  readonly kind: 'plan' | 'infeasible' | 'unsupported';
  /** By the objective; null without a plan. */
  readonly value: number | null;
  readonly reason: string | null;
  /**
   * What the planner proved that no plan of its kind is below, in the value's unit, and by what share its plan is above that; null where
   * it proved nothing.
   */
  readonly bound: number | null;
  readonly gap: number | null;
  readonly evaluations: number;
  readonly planningSeconds: number;
  /** Of a planner that asks others: what that went into; null = left out for lack of time. */
  readonly timeShares?: readonly TimeShare[];
}

export function explain(
  problem: Problem,
  { planned, report, all }: Choice,
  predictedTimes: PredictedTimes | null = null,
): Explanation {
  const { plan } = planned;
  return {
    stages: stagesOf(problem, plan, report),
    transfers: transfersOf(problem, report),
    mix: mixOf(problem, plan, report),
    exits: exitsOf(problem, plan, report),
    totals: totalsOf(problem, plan, report),
    predictedTimes,
    accuracy: accuracyExplanation(problem, plan, report),
    memory: memoryOf(problem, report),
    energy: report.devices.map(({ device, energy }) => ({ device, joules: energy })),
    planners: all.map((outcome) => plannerOf(problem, outcome)),
    notExecuted: notExecuted(problem, plan),
  };
}

function stagesOf(problem: Problem, plan: Plan, report: Report): StageExplanation[] {
  const nameOf = (node: number | undefined): string => problem.graph.nodes[node ?? -1]?.name ?? '';
  return plan.stages.map((stage, index) => {
    const timing = report.stages[index];
    return {
      device: stage.device,
      ...(stage.replicas === undefined ? {} : { replicas: stage.replicas }),
      ...(stage.threads === undefined ? {} : { threads: stage.threads }),
      ...(stage.cpus === undefined ? {} : { cpus: stage.cpus }),
      ...(timing?.together === undefined ? {} : { together: timing.together }),
      nodes: stage.nodes.length,
      first: nameOf(stage.nodes[0]),
      last: nameOf(stage.nodes.at(-1)),
      computeSeconds: timing?.computeSeconds ?? 0,
      errorSeconds: computeErrorSeconds(problem, { stages: [stage] }),
      source: timing?.source ?? 'roofline',
      startSeconds: timing?.startSeconds ?? 0,
      endSeconds: timing?.endSeconds ?? 0,
    };
  });
}

function transfersOf({ graph, cluster }: Problem, report: Report): TransferExplanation[] {
  return report.transfers.map(({ tensor, from, to, bytes, startSeconds, endSeconds }) => {
    const link = cluster.links.find((row) => row.from === from && row.to === to);
    return {
      tensor: graph.tensors[tensor]?.name ?? '',
      shape: graph.tensors[tensor]?.shape ?? [],
      bytes,
      from,
      to,
      seconds: endSeconds - startSeconds,
      startSeconds,
      endSeconds,
      bitsPerSecond: link === undefined ? null : rateAt(link, startSeconds),
      rateSource: link?.rate.kind ?? null,
    };
  });
}

function mixOf(problem: Problem, plan: Plan, report: Report): MixExplanation | null {
  if (plan.mix === undefined) return null;
  const runs: { requests: number; way: number }[] = [];
  for (const way of plan.mix.pattern) {
    const last = runs.at(-1);
    if (last?.way === way) last.requests++;
    else runs.push({ requests: 1, way });
  }
  const ways = planWays(problem, plan).ways.map(({ stages }, at) => {
    const { requests = 0, latencySeconds = 0, bytesSent = 0 } = report.variants?.[at] ?? {};
    return { requests, placement: placementText(problem, { stages }), latencySeconds, bytesSent };
  });
  return { ways, runs };
}

function totalsOf(problem: Problem, plan: Plan, report: Report): Totals {
  const { latencySeconds, periodSeconds, makespanSeconds, bytesSent, energyJoules, energyUnknown } = report;
  return {
    latencySeconds,
    errorSeconds: report.variants === undefined ? computeErrorSeconds(problem, plan) : null,
    source: report.source,
    periodSeconds,
    requestsPerSecond: periodSeconds === 0 ? 0 : 1 / periodSeconds,
    busiest: busiestOf(report),
    requests: requestsOf(problem.workload),
    makespanSeconds,
    bytesSent,
    energyJoules,
    energyUnknown,
  };
}

/** The first of equals, devices before links. */
function busiestOf({ devices, links, periodSeconds }: Report): string {
  const device = devices.find(({ busySeconds }) => busySeconds === periodSeconds);
  if (device !== undefined) return `device '${device.device}'`;
  const link = links.find(({ busySeconds }) => busySeconds === periodSeconds);
  return link === undefined ? 'nothing' : `link '${link.from}' → '${link.to}'`;
}

/** Every device of the cluster that holds something. */
function memoryOf(problem: Problem, report: Report): MemoryExplanation[] {
  const fits = new Map(deviceFits(problem).map((fit) => [fit.device, fit]));
  return report.devices.flatMap(({ bubbles: _bubbles, busySeconds: _busy, energy: _energy, ...memory }) => {
    const fit = fits.get(memory.device);
    if (fit === undefined) return [];
    const { capacityBytes, front, back, share } = fit;
    return [
      {
        ...memory,
        capacityBytes,
        share: memory.memoryBytes / capacityBytes,
        alone: { front, back, share },
      },
    ];
  });
}

function plannerOf({ objective }: Problem, outcome: Choice['all'][number]): PlannerExplanation {
  const { name, result, report } = outcome;
  const spent =
    result.kind === 'unsupported'
      ? { evaluations: 0, planningSeconds: 0 }
      : {
          evaluations: result.evaluations,
          planningSeconds: result.planningSeconds,
          ...(result.timeShares === undefined ? {} : { timeShares: result.timeShares }),
        };
  const value = report === null ? null : objectiveValue(objective, report);
  const bound = (result.kind === 'plan' ? result.bound?.value : undefined) ?? null;
  return {
    name,
    kind: result.kind,
    value,
    reason: result.kind === 'plan' ? null : result.reason,
    bound,
    gap: value === null || bound === null ? null : gapOver(value, bound),
    ...spent,
  };
}
