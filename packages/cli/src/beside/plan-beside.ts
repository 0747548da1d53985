import {
  type Cluster,
  evaluate,
  type Plan,
  partInTurns,
  type Report,
  ResourceError,
  type Seconds,
} from '@tandem/core';
import { savedOrChosen } from '../plan/choose-plan.ts';
import type { Prepared } from '../plan/prepare.ts';
import { compressed } from '../run/plan-for.ts';

export interface WantedBeside {
  /** Path of a saved plan; null = what the planners answer. */
  readonly plan: string | null;
  /** As `--planner`. */
  readonly planner: string | null;
  /** As `partInTurns`; null = stages as planned. */
  readonly turnSeconds: Seconds | null;
  /** As `--lossless`. */
  readonly isCompressed: boolean;
}

/**
 * The plan of another model beside one, made with the memory that `left` has (`clusterBeside`) and as if devices and links were free. A saved
 * one, made for the whole cluster, has to fit there too: throws ResourceError when it does not, RefusedError when no planner has one.
 */
export async function planBeside(
  prepared: Prepared,
  { plan: path, planner, turnSeconds, isCompressed }: WantedBeside,
  left: Cluster,
  signal: AbortSignal,
): Promise<{ readonly plan: Plan; readonly report: Report }> {
  const { problem } = prepared;
  const rest = { ...problem, cluster: left };
  // A saved plan names the problem that it was made for, which has the whole memory.
  const asked = path === null ? { ...prepared, problem: rest } : prepared;
  const named = { path: path ?? undefined, planner: planner ?? undefined };
  const { plan: found } = await savedOrChosen(asked, named, signal);
  const parted = turnSeconds === null ? found : partInTurns(problem, found, turnSeconds);
  const plan = isCompressed ? compressed(problem, parted).plan : parted;
  const { violations } = evaluate(rest, plan);
  if (violations.length === 0) return { plan, report: evaluate(problem, plan) };
  throw new ResourceError(
    `the plan of ${problem.graph.name} does not fit beside the other model: ${violations.join(' ')}`,
    'Plan one of the two with less on that device.',
  );
}
