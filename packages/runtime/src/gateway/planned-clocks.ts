import { type DeviceId, type Hertz, highestHertz, type Plan, type Problem } from '@tandem/core';

/** The clock that a plan sets a device to. */
export interface PlannedClock {
  readonly device: DeviceId;
  readonly hertz: Hertz;
  readonly highestHertz: Hertz;
  /** How many threads compute there. */
  readonly threads: number;
  /** True: the device is imitated, and its stages are paced to this clock. */
  readonly imitated: boolean;
}

/** The clocks of a plan, for `DeployOptions.clocks`. */
export function plannedClocks({ cluster }: Problem, { frequency = {} }: Plan): PlannedClock[] {
  return cluster.devices.flatMap((device) => {
    const [hertz, highest] = [frequency[device.id], highestHertz(device)];
    if (hertz === undefined || highest === null) return [];
    const { id, threads, emulated: imitated } = device;
    return [{ device: id, hertz, highestHertz: highest, threads, imitated }];
  });
}
