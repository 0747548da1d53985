import type { AgentOptions, DeviceDescription } from '@tandem/runtime';
import { describeMachine } from './describe-machine.ts';
import { type MeasuredRates, measureRates, type RateOptions, withRates } from './measure-rates.ts';

/** Describes this machine and measures its two rates: seconds of work on all cores. Throws the signal's reason. */
export async function probeMachine(options: RateOptions): Promise<DeviceDescription> {
  const described = await describeMachine();
  return withRates(described, await measureRates(described, options));
}

/** How an agent on this machine describes it: what can be read is read anew each time, the rates are measured once. */
export function liveDescription(signal: AbortSignal): NonNullable<AgentOptions['describe']> {
  let known: MeasuredRates | null = null;
  let measuring: Promise<MeasuredRates> | null = null;
  return async ({ measure }) => {
    const described = await describeMachine();
    if (known === null && measure) {
      measuring ??= measureRates(described, { signal }).finally(() => {
        measuring = null;
      });
      known = await measuring;
    }
    return withRates(described, known ?? notNow);
  };
}

const why = 'not measured yet, and the device is at work now';
const notNow: MeasuredRates = {
  matrixRates: [],
  sources: [],
  unknown: [
    { what: 'matrixFlopsPerSecond', why },
    { what: 'copyBytesPerSecond', why },
  ],
};
