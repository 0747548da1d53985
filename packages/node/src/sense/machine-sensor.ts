import { type Hertz, hertz } from '@tandem/core';
import type { DeviceSensor, SensorReading } from '@tandem/runtime';
import { Findings } from '../probe/findings.ts';
import { readBattery } from '../probe/read-sensors.ts';
import { readLimit, readTemperatures } from '../probe/read-temperatures.ts';
import { type FileRoots, kernelRoots, SystemFiles } from '../probe/system-files.ts';

/** What the kernel calls those that cool by slowing the processor down: ACPI's, and cpufreq's on boards. */
const slowingCooler = /^(Processor|(thermal-)?cpufreq.*)$/;

/** This machine's own sensors, as Linux shows them: /sys/class/thermal and hwmon, power_supply, cpufreq. */
export class MachineSensor implements DeviceSensor {
  readonly #files: SystemFiles;
  /** How often its processors have slowed themselves down since the machine was started. */
  #throttled: number | null = null;

  constructor(roots: FileRoots = kernelRoots) {
    this.#files = new SystemFiles(roots);
  }

  async read(): Promise<SensorReading> {
    const files = this.#files;
    const { batteryShare } = await readBattery(files, new Findings());
    const { hottest } = await readTemperatures(files);
    const limitCelsius = hottest === null ? null : await readLimit(files, hottest.from);
    const isThrottled = await this.#isThrottled();
    return {
      ...(hottest === null ? {} : { temperatureCelsius: hottest.celsius }),
      ...(limitCelsius === null ? {} : { limitCelsius }),
      ...(isThrottled === null ? {} : { isThrottled }),
      ...(batteryShare === undefined ? {} : { batteryShare }),
      ...(await clocks(files)),
    };
  }

  /** Null where the kernel tells neither what cools nor what the processors count. */
  async #isThrottled(): Promise<boolean | null> {
    const cooling = await isCooling(this.#files);
    const before = this.#throttled;
    this.#throttled = await throttleCount(this.#files);
    if (this.#throttled === null) return cooling;
    return cooling === true || (before !== null && this.#throttled > before);
  }
}

async function isCooling(files: SystemFiles): Promise<boolean | null> {
  let isKnown = false;
  for (const name of await files.names('sys/class/thermal', /^cooling_device\d+$/)) {
    const folder = `sys/class/thermal/${name}`;
    if (!slowingCooler.test((await files.text(`${folder}/type`)) ?? '')) continue;
    const state = await files.number(`${folder}/cur_state`);
    if (state !== null && state > 0) return true;
    isKnown ||= state !== null;
  }
  return isKnown ? false : null;
}

async function throttleCount(files: SystemFiles): Promise<number | null> {
  let count: number | null = null;
  for (const cpu of await processors(files)) {
    const own = await files.number(`${cpu}/thermal_throttle/core_throttle_count`);
    if (own !== null) count = (count ?? 0) + own;
  }
  return count;
}

/** Of the fastest processor. The kernel lowers `scaling_max_freq` while it cools. */
async function clocks(files: SystemFiles): Promise<Pick<SensorReading, 'clockHertz' | 'highestHertz'>> {
  let fastest: { readonly clockHertz: Hertz; readonly highestHertz: Hertz } | null = null;
  for (const cpu of await processors(files)) {
    const [now, highest] = [
      await files.number(`${cpu}/cpufreq/scaling_max_freq`),
      await files.number(`${cpu}/cpufreq/cpuinfo_max_freq`),
    ];
    if (now === null || highest === null || now <= 0 || 1000 * highest <= (fastest?.highestHertz ?? 0))
      continue;
    fastest = { clockHertz: hertz(1000 * now), highestHertz: hertz(1000 * highest) };
  }
  return fastest ?? {};
}

async function processors(files: SystemFiles): Promise<readonly string[]> {
  const folder = 'sys/devices/system/cpu';
  return (await files.names(folder, /^cpu\d+$/)).map((name) => `${folder}/${name}`);
}
