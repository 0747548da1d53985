import { envelopeGrid, type Plan, type PlannerName, planEnvelope } from '@tandem/core';
import { withChosenBits } from './chosen-bits.ts';
import { type PlanningContext, planOfSetting, problemOfSetting, type Setting } from './coach-testbed.ts';

/** Mbit/s. */
const rates = Array.from({ length: 11 }, (_, step) => 0.5 * 2 ** step);

export const envelopeText: string = `${rates[0] ?? 0} to ${rates.at(-1) ?? 0} Mbit/s in doublings`;

/** The planner’s plan for the setting, then its plans for the other rates, each once and with a version of its own; bits are chosen where they can be. */
export async function coachEnvelope(
  setting: Setting,
  name: PlannerName,
  { clock, random, signal }: PlanningContext,
): Promise<readonly [Plan, ...Plan[]]> {
  const problem = problemOfSetting(setting, 'period');
  const own = await planOfSetting(setting, name, 'period', { clock, random, signal });
  const first = { ...own, version: 1 };
  const grid = {
    ...envelopeGrid,
    rateFactors: rates.map((rate) => rate / setting.megabitsPerSecond),
    objectives: ['period'],
    withoutDevices: false,
  } as const;
  const asked = { problemDigest: '', clock, random, signal };
  const [, ...others] = await planEnvelope(problem, [name], asked, { grid, first });
  return [withChosenBits(problem, first), ...others.map((plan) => withChosenBits(problem, plan))];
}
