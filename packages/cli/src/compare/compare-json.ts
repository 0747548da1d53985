import type { ComparedPlanner, Comparison, FrontFigure, Problem } from '@tandem/core';
import { type AccuracyExplanation, accuracyExplanation } from '../plan/accuracy-explanation.ts';

/** The answer of `compare --json`. */
export interface CompareJson {
  /** In the order asked. */
  readonly planners: readonly PlannerRow[];
  /** The best by the objective; null when no planner has a feasible plan. */
  readonly chosen: string | null;
  /** What `onFront` looks at. */
  readonly frontFigures: readonly FrontFigure[];
  /** Why the energy of a plan is null, where it is. */
  readonly energyUnknown: string | null;
}

/** What a planner's plan costs, and what finding it took; null without a feasible plan. */
export interface PlannerRow {
  readonly name: string;
  readonly feasible: boolean;
  /** Why there is no feasible plan. */
  readonly reason?: string;
  readonly latencySeconds: number | null;
  readonly periodSeconds: number | null;
  readonly energyJoules: number | null;
  readonly peakMemoryBytes: number | null;
  readonly bytesSent: number | null;
  /** The share of answers that codecs or early exits may change, as `Report.accuracyLoss`. */
  readonly accuracyLoss: number | null;
  readonly accuracySource: AccuracyExplanation['source'] | null;
  readonly planningSeconds: number;
  readonly evaluations: number;
  /** value / what the planner proved that no plan of its family is below − 1. */
  readonly gap?: number;
  /** The same for placements of the chain only, which run each element on one device. */
  readonly chainGap?: number;
  readonly onFront: boolean;
}

export function compareJson(problem: Problem, { rows, best, frontFigures }: Comparison): CompareJson {
  const silent = rows.find(({ feasible, report }) => feasible && report?.energyJoules === null);
  return {
    planners: rows.map((row) => plannerRow(problem, row)),
    chosen: best?.name ?? null,
    frontFigures,
    energyUnknown: silent?.report?.energyUnknown ?? null,
  };
}

function plannerRow(problem: Problem, row: ComparedPlanner): PlannerRow {
  const { name, feasible, reason, report, result, gap, chainGap, onFront } = row;
  const figures = feasible ? report : null;
  const { planningSeconds, evaluations } =
    result.kind === 'unsupported' ? { planningSeconds: 0, evaluations: 0 } : result;
  return {
    name,
    feasible,
    ...(reason === null ? {} : { reason }),
    latencySeconds: figures?.latencySeconds ?? null,
    periodSeconds: figures?.periodSeconds ?? null,
    energyJoules: figures?.energyJoules ?? null,
    peakMemoryBytes: figures?.peakMemoryBytes ?? null,
    bytesSent: figures?.bytesSent ?? null,
    accuracyLoss: figures?.accuracyLoss ?? null,
    accuracySource:
      figures !== null && result.kind === 'plan'
        ? accuracyExplanation(problem, result.plan, figures).source
        : null,
    planningSeconds,
    evaluations,
    ...(gap === null ? {} : { gap }),
    ...(chainGap === null ? {} : { chainGap }),
    onFront,
  };
}
