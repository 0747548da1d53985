import { UnsupportedError } from '@tandem/core';
import type { ClockControl } from './clock-control.ts';
import { type ClockEnvironment, thisMachine } from './clock-environment.ts';
import { combinedClocks } from './combined-clocks.ts';
import { cpufreqControl, recoverCpufreq } from './cpufreq-control.ts';
import { nvpmodelControl, recoverNvpmodel } from './nvpmodel-control.ts';
import { quotaControl, recoverQuota } from './quota-control.ts';

export interface ClockChoice {
  /** Every level that the machine offers: of the processor's clock, else its power modes. */
  readonly levels: boolean;
  /** Shares of the processor's time, in (0, 1). */
  readonly quotas: readonly number[];
}

/**
 * The chosen ways to slow this machine. The caller owes a `restore`. Throws UnsupportedError with every reason where a choice is not on
 * offer.
 */
export async function openClocks(
  { levels, quotas }: ClockChoice,
  environment: ClockEnvironment = thisMachine(),
): Promise<ClockControl> {
  const controls: ClockControl[] = [];
  if (levels) controls.push(await levelControl(environment));
  if (quotas.length > 0) controls.push(await quotaControl(quotas, environment));
  return combinedClocks(controls);
}

/** Gives back what a crashed measurement had changed, and says what. Throws RefusedError while another measurement runs. */
export async function recoverClocks(environment: ClockEnvironment = thisMachine()): Promise<string[]> {
  const done = [
    await recoverCpufreq(environment),
    await recoverNvpmodel(environment),
    await recoverQuota(environment),
  ];
  return done.filter((each) => each !== null);
}

async function levelControl(environment: ClockEnvironment): Promise<ClockControl> {
  const reasons: string[] = [];
  for (const open of [cpufreqControl, nvpmodelControl])
    try {
      return await open(environment);
    } catch (error) {
      if (!(error instanceof UnsupportedError)) throw error;
      reasons.push(error.message);
    }
  throw new UnsupportedError(
    `no clock levels can be set here: ${reasons.join('; ')}`,
    'Measure as root on a machine whose kernel offers them (a virtual one has none); or measure with less processor time by --clock quota:0.5, or compute slower rows by --clock pace:0.5.',
  );
}
