import { InvalidInputError, type Plan, planEnvelope, RefusedError } from '@tandem/core';
import type { RunFlags } from '../flags.ts';
import { chooseContext, envelopePlanners } from '../plan/choose-plan.ts';
import type { Prepared } from '../plan/prepare.ts';

/** The plans that a run with `--adapt` may leave its own for, made beforehand for other conditions; none without the flag. */
export async function planChoices(
  prepared: Prepared,
  plan: Plan,
  flags: RunFlags,
  { signal, progress }: { readonly signal: AbortSignal; readonly progress: (line: string) => void },
): Promise<readonly Plan[]> {
  if (flags.adapt !== true) return [];
  checkFlags(flags);
  if (!isPlain(plan))
    throw new RefusedError(
      '--adapt was given for a plan with batches, replicas, exits or several ways, whose stages take no one time',
      'Run it without --adapt, or name a planner of plain splits: --planner throughput-optimal.',
    );
  progress('planning for other rates, paces and devices');
  const context = chooseContext(prepared, signal);
  const envelope = await planEnvelope(prepared.problem, envelopePlanners, context, { first: plan });
  return envelope.filter((other) => other.version !== plan.version && isPlain(other));
}

function isPlain({ stages, mix, policies }: Plan): boolean {
  const isOne = stages.every(({ batch, replicas }) => batch === undefined && replicas === undefined);
  return isOne && mix === undefined && policies === undefined;
}

function checkFlags(flags: RunFlags): void {
  if (flags.lossless === true)
    throw new InvalidInputError(
      '--adapt was given together with --lossless',
      'Give one of the two: how much a tensor shrinks is known after it was sent, so plans beforehand cannot be priced with it.',
    );
  if (flags.calibration !== undefined)
    throw new InvalidInputError(
      '--adapt was given together with --calibration',
      'Give one of the two: exits and bits are decided at the cuts that were calibrated, where the stages of other plans do not end; and which requests leave early says how long stages take, so that no stage is known to be slow.',
    );
}
