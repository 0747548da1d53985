import {
  type Bytes,
  bytes,
  compressedPlan,
  type Device,
  evaluate,
  losslessNames,
  type Plan,
  type Problem,
  RefusedError,
} from '@tandem/core';
import type { RunFlags } from '../flags.ts';
import { choosePlan, type PricedPlan, savedOrChosen } from '../plan/choose-plan.ts';
import type { Prepared } from '../plan/prepare.ts';

/** With `standby` a plan that is not given leaves most of every memory to stages that stand by, where it fits into the rest. */
export async function planFor(
  prepared: Pick<Prepared, 'problem' | 'digest'>,
  flags: Pick<RunFlags, 'plan' | 'planner' | 'standby' | 'lossless'>,
  signal: AbortSignal,
): Promise<PricedPlan> {
  const { plan: path, planner, standby } = flags;
  const spared = standby === true && path === undefined ? await sparing(prepared, planner, signal) : null;
  const found = spared ?? (await savedOrChosen(prepared, { path, planner }, signal));
  return flags.lossless === true ? compressed(prepared.problem, found.plan) : found;
}

/** Of every memory. Half would hold each stage twice only if they filled it to the last byte. */
const plannedShare = 0.4;

/** Null where nothing fits into that share of every memory. */
async function sparing(
  { problem, digest }: Pick<Prepared, 'problem' | 'digest'>,
  planner: string | undefined,
  signal: AbortSignal,
): Promise<PricedPlan | null> {
  const less = <Part extends { readonly memoryBytes: Bytes }>(part: Part): Part => ({
    ...part,
    memoryBytes: bytes(plannedShare * part.memoryBytes),
  });
  const { hosts, devices } = problem.cluster;
  const cluster = { ...problem.cluster, hosts: hosts.map(less), devices: devices.map(less) };
  try {
    const { planned } = await choosePlan({ problem: { ...problem, cluster }, digest }, planner, signal);
    return { plan: planned.plan, report: evaluate(problem, planned.plan) };
  } catch (error) {
    if (error instanceof RefusedError) return null;
    throw error;
  }
}

/** The plan with what crosses compressed without loss. */
export function compressed(problem: Problem, found: Plan): PricedPlan {
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
