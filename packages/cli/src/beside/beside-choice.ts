import { type Cluster, InvalidInputError, seconds } from '@tandem/core';
import type { BesideFlags, RunFlags } from '../flags.ts';
import type { Prepared, prepare } from '../plan/prepare.ts';
import type { ModelChoice } from '../run/judged-model.ts';
import { streamWanted } from '../run/stream-run.ts';
import { versionBeside } from './model-versions.ts';
import { planBeside } from './plan-beside.ts';

/** The problem of the second model: on the same cluster and for the same objective; what was measured or calibrated is the first model's. */
export const besideWishes = ({ cluster, objective }: RunFlags): Parameters<typeof prepare>[1] => ({
  dimension: {},
  objective,
  ...(cluster === undefined ? {} : { cluster }),
});

/** Its inputs are generated. */
export const besideInputs = ({
  card,
  optimisation,
}: RunFlags): Pick<RunFlags, 'card' | 'input' | 'optimisation'> => ({
  card,
  input: [],
  optimisation,
});

/** How the second model is run, in the memory that `left` has. */
export async function besideChoice(
  prepared: Prepared,
  left: Cluster,
  flags: RunFlags,
  signal: AbortSignal,
): Promise<ModelChoice> {
  const { besidePlan = null, besidePlanner = null, besidePriority, besideRate, besideTurn, window } = flags;
  const turnSeconds = besideTurn === undefined ? null : seconds(besideTurn);
  const isCompressed = flags.lossless === true;
  const wanted = { plan: besidePlan, planner: besidePlanner, turnSeconds, isCompressed };
  const { plan, report } = await planBeside(prepared, wanted, left, signal);
  const requests = flags.besideRequests ?? flags.requests;
  const rate = besideRate === undefined ? {} : { rate: besideRate };
  const admission = window === undefined ? {} : { window };
  return {
    plan: { ...plan, version: versionBeside(1) },
    report,
    stream: streamWanted({ requests, ...rate, ...admission, unordered: flags.unordered === true }),
    priority: besidePriority,
  };
}

const ofBeside = [
  'besidePlan',
  'besidePlanner',
  'besideRequests',
  'besideRate',
  'besidePriority',
  'besideTurn',
  'priority',
] as const satisfies readonly (keyof BesideFlags)[];

export function checkBesideFlags(flags: RunFlags): void {
  if (flags.beside === undefined) {
    const named = ofBeside.find((name) => flags[name] !== undefined);
    if (named === undefined) return;
    const option = named.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new InvalidInputError(
      `--${option} was given without --beside`,
      'Name the other model: --beside MODEL.',
    );
  }
  if (flags.requests === 1)
    throw new InvalidInputError(
      '--beside was given for one request',
      'Say how many requests there are: --requests N.',
    );
  if (flags.repair === true && flags.adapt === true)
    throw new InvalidInputError(
      '--beside was given together with --repair and --adapt',
      'Leave one of the three out: after a repair it is not told in time which model a request is for.',
    );
}
