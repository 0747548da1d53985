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
  if (flags.rate === undefined)
    throw new InvalidInputError(
      '--adapt was given without --rate',
      'Say how many requests come a second, --rate R: what another plan gains depends on it.',
    );
  const other = (['calibration', 'lossless', 'repair'] as const).find((name) => flags[name] !== undefined);
  if (other === undefined) return;
  throw new InvalidInputError(
    `--adapt was given together with --${other}`,
    'Give one of the two: the plans that are made beforehand know nothing of the other.',
  );
}
