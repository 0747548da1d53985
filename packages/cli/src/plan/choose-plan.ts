import { readFile } from 'node:fs/promises';
import {
  type Choice,
  type ChooseContext,
  choose,
  createRandom,
  evaluate,
  InvalidInputError,
  losslessPlannerNames,
  type Plan,
  type PlannerName,
  type Problem,
  plannerNames,
  RefusedError,
  type Report,
  readPlan,
} from '@tandem/core';
import { systemClock } from '@tandem/node';
import type { Prepared } from './prepare.ts';

/** Every run plans alike. */
const seed = 1;

/**
 * Those that make plans for each of an envelope's conditions: quick ones, and with a calibration also one whose plans let requests leave early, in the way
 * in which they do under `first`.
 */
export function envelopePlannersFor({ accuracy }: Problem, { policies }: Plan): readonly PlannerName[] {
  const byHeads = policies?.exits?.points.some(({ kind }) => kind === 'confidence') === true;
  const early: readonly PlannerName[] = accuracy?.others === 'raw' ? [byHeads ? 'spinn' : 'coach-lex'] : [];
  return [...early, 'neurosurgeon-chain', 'throughput-optimal', 'all-local'];
}

/** The best plan of the planners in `names` (as in `plannersNamed`; absent = 'auto'). Throws RefusedError when none has a feasible one. */
export function choosePlan(
  prepared: Pick<Prepared, 'problem' | 'digest'>,
  names: string | undefined,
  signal: AbortSignal,
): Promise<Choice> {
  return choose(prepared.problem, plannersNamed(names ?? 'auto'), chooseContext(prepared, signal));
}

export interface PricedPlan {
  readonly plan: Plan;
  readonly report: Report;
}

/** The plan saved at `path`, else the planners' best (`savedPlan`, `choosePlan`). */
export async function savedOrChosen(
  prepared: Pick<Prepared, 'problem' | 'digest'>,
  { path, planner }: { readonly path: string | undefined; readonly planner: string | undefined },
  signal: AbortSignal,
): Promise<PricedPlan> {
  if (path !== undefined) return await savedPlan(prepared, path);
  const { planned, report } = await choosePlan(prepared, planner, signal);
  return { plan: planned.plan, report };
}

/** What planners are given beside the problem. */
export function chooseContext({ digest }: Pick<Prepared, 'digest'>, signal: AbortSignal): ChooseContext {
  return { problemDigest: digest, random: createRandom(seed), clock: systemClock, signal };
}

/** A plan saved for this very problem, priced again. Throws when it cannot be read, is invalid, infeasible or for another problem. */
async function savedPlan(prepared: Pick<Prepared, 'problem' | 'digest'>, path: string): Promise<PricedPlan> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new InvalidInputError(
      `the plan ${path} cannot be read`,
      'Give a file that `tandem plan --output` wrote.',
      {
        cause,
      },
    );
  });
  const plan = readPlan(text, prepared.problem, prepared.digest);
  const report = evaluate(prepared.problem, plan);
  if (report.violations.length === 0) return { plan, report };
  throw new RefusedError(
    `the plan ${path} is not feasible: ${report.violations.join(' ')}`,
    'Plan again for this cluster.',
  );
}

/**
 * The planners in `names`: comma-separated, or 'all'; absent = those whose plans leave the answer as it is. Throws InvalidInputError for an
 * unknown one.
 */
export function plannersNamed(names: string | undefined): readonly PlannerName[] {
  if (names === undefined) return losslessPlannerNames;
  if (names.trim() === 'all') return plannerNames;
  return names.split(',').map((name) => {
    const known = plannerNames.find((candidate) => candidate === name.trim());
    if (known !== undefined) return known;
    throw new InvalidInputError(
      `'${name}' is no planner, expected 'all' or some of ${plannerNames.join(', ')}`,
      'Correct --planner.',
    );
  });
}
