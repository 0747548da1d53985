import type { Device } from '../../cluster/cluster.ts';
import { drawOf } from '../../cost/power.ts';
import { highestHertz } from '../../plan/frequency.ts';
import { type Hertz, hertz } from '../../units.ts';

/** COINFER's program tries tenths of the highest rate; a range is tried at so many rates. */
const ratesOfRange = 11;

/** The rates at which a device is tried, ascending; none where it has no choice. */
export function clockChoices({ frequencies }: Device): readonly Hertz[] {
  if (frequencies === undefined) return [];
  if (frequencies.kind === 'levels') return frequencies.levelsHertz.length > 1 ? frequencies.levelsHertz : [];
  const { minimumHertz, maximumHertz } = frequencies;
  if (minimumHertz >= maximumHertz) return [];
  const width = maximumHertz - minimumHertz;
  return Array.from({ length: ratesOfRange }, (_, step) =>
    step === ratesOfRange - 1 ? maximumHertz : hertz(minimumHertz + (width * step) / (ratesOfRange - 1)),
  );
}

/** What a second of the request and a joule count. */
export interface Prices {
  readonly second: number;
  readonly joule: number;
}

/**
 * The choice at which a second of work at the highest clock costs least: seconds × price + joules × price, with time in proportion to
 * 1 / f. Where the sum of time and energy is minimised and devices that wait cost nothing, this is the best clock under every
 * placement, since what it multiplies does not depend on the clock.
 */
export function bestAlone(device: Device, choices: readonly Hertz[], prices: Prices): number {
  const highest = highestHertz(device) ?? 1;
  const costs = choices.map((rate) => {
    const draw = drawOf(device, { [device.id]: rate });
    const watts = draw === null ? 0 : draw.staticWatts + draw.dynamicWatts;
    return (highest / rate) * (prices.second + prices.joule * watts);
  });
  return costs.reduce((best, cost, at) => (cost < (costs[best] ?? 0) ? at : best), 0);
}
