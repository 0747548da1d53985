import {
  calibratedPolicies,
  createEvaluator,
  InvalidInputError,
  type Plan,
  planEnvelope,
  RefusedError,
  runsAlone,
} from '@tandem/core';
import type { RunFlags } from '../flags.ts';
import { chooseContext, envelopePlannersFor, type PricedPlan } from '../plan/choose-plan.ts';
import type { Prepared } from '../plan/prepare.ts';

/** A plan that is run with `--adapt` says what requests decide under it, so that it is compared with others by what they come to. */
export function adaptablePlan(
  { problem }: Prepared,
  found: PricedPlan,
  { adapt }: Pick<RunFlags, 'adapt'>,
): PricedPlan {
  if (adapt !== true) return found;
  const evaluator = createEvaluator(problem);
  const plan = calibratedPolicies(problem, found.plan, evaluator);
  return { plan, report: evaluator.evaluate(plan) };
}

/** The plans that a run with `--adapt` may leave its own for, made beforehand for other conditions; none without the flag. */
export async function planChoices(
  prepared: Prepared,
  plan: Plan,
  flags: RunFlags,
  { signal, progress }: { readonly signal: AbortSignal; readonly progress: (line: string) => void },
): Promise<readonly Plan[]> {
  if (flags.adapt !== true) return [];
  checkFlags(flags);
  const isAble = (one: Plan): boolean =>
    runsAlone(one) && (flags.calibration !== undefined || one.policies === undefined);
  if (!isAble(plan))
    throw new RefusedError(
      '--adapt was given for a plan with batches, replicas, several ways, or exits of which there is no calibration',
      'Run it without --adapt, or name a planner of plain splits: --planner throughput-optimal.',
    );
  progress('planning for other rates, paces and devices');
  const context = chooseContext(prepared, signal);
  const { problem } = prepared;
  const envelope = await planEnvelope(problem, envelopePlannersFor(problem, plan), context, { first: plan });
  return envelope.filter((other) => other.version !== plan.version && isAble(other));
}

function checkFlags(flags: RunFlags): void {
  if (flags.lossless === true)
    throw new InvalidInputError(
      '--adapt was given together with --lossless',
      'Give one of the two: how much a tensor shrinks is known after it was sent, so plans beforehand cannot be priced with it.',
    );
}
