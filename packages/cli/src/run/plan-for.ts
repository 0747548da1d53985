import {
  compressedPlan,
  type Device,
  evaluate,
  losslessNames,
  type Plan,
  type Problem,
  RefusedError,
  type Report,
} from '@tandem/core';
import type { RunFlags } from '../flags.ts';
import { savedOrChosen } from '../plan/choose-plan.ts';
import type { Prepared } from '../plan/prepare.ts';

export async function planFor(
  prepared: Prepared,
  flags: RunFlags,
  signal: AbortSignal,
): Promise<{ readonly plan: Plan; readonly report: Report }> {
  const { plan: path, planner } = flags;
  const found = await savedOrChosen(prepared, { path, planner }, signal);
  return flags.lossless === true ? compressed(prepared.problem, found.plan) : found;
}

/** The plan with what crosses compressed without loss. */
export function compressed(problem: Problem, found: Plan): { readonly plan: Plan; readonly report: Report } {
  const plan = compressedPlan(problem.graph, found, losslessNames[0]);
  return { plan, report: evaluate(problem, plan) };
}

/** Agents elsewhere were given their token by somebody; a fresh one would only be refused. */
export function requireToken(devices: readonly Device[], token: string | undefined): void {
  const remote = devices.find(({ address }) => address !== undefined);
  if (remote === undefined || token !== undefined) return;
  throw new RefusedError(
    `the agent of ${remote.id} at ${remote.address} wants a token and none was given`,
    'Give the file with the token that it was started with: --token FILE.',
  );
}
