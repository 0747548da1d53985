import type { Cluster, Device } from '../cluster/cluster.ts';
import type { Hertz } from '../units.ts';
import type { Plan } from './plan.ts';

/** The rate at which a device runs unless a plan says otherwise; null when its rates are not known. */
export function highestHertz({ frequencies }: Device): Hertz | null {
  if (frequencies === undefined) return null;
  return frequencies.kind === 'range' ? frequencies.maximumHertz : (frequencies.levelsHertz.at(-1) ?? null);
}

/** The rate that a plan sets a device to as a share of its highest, in (0, 1]; 1 where it sets none. */
export function frequencyShare(device: Device, frequency: Plan['frequency']): number {
  const rate = frequency?.[device.id];
  const highest = highestHertz(device);
  return rate === undefined || highest === null ? 1 : rate / highest;
}

/** Rates that their devices cannot be set to, one sentence each. */
export function frequencyFaults(cluster: Cluster, frequency: Plan['frequency']): string[] {
  return Object.entries(frequency ?? {}).flatMap(([id, rate]) => {
    const device = cluster.devices.find((row) => row.id === id);
    if (device === undefined)
      return [`The plan sets the clock of '${id}', which is not in the cluster '${cluster.name}'.`];
    const fault = rateFault(device, rate);
    return fault === null ? [] : [`Device '${id}' cannot run at ${rate} Hz: ${fault}.`];
  });
}

function rateFault({ frequencies }: Device, rate: Hertz): string | null {
  if (frequencies === undefined) return 'the cluster does not say at which rates it runs';
  if (frequencies.kind === 'levels')
    return frequencies.levelsHertz.includes(rate)
      ? null
      : `expected one of ${frequencies.levelsHertz.join(', ')}`;
  const { minimumHertz, maximumHertz } = frequencies;
  return rate >= minimumHertz && rate <= maximumHertz
    ? null
    : `expected from ${minimumHertz} to ${maximumHertz}`;
}
