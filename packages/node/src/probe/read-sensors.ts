import type { Sensors } from '@tandem/runtime';
import type { Findings } from './findings.ts';
import { readTemperatures } from './read-temperatures.ts';
import type { SystemFiles } from './system-files.ts';

export async function readSensors(files: SystemFiles, findings: Findings): Promise<Sensors> {
  return { ...(await temperature(files, findings)), ...(await readBattery(files, findings)) };
}

/** The hottest of the processor's sensors. */
async function temperature(
  files: SystemFiles,
  findings: Findings,
): Promise<Pick<Sensors, 'temperatureCelsius'>> {
  const { hottest, others } = await readTemperatures(files);
  return findings.note(
    'temperatureCelsius',
    hottest?.celsius ?? null,
    'read',
    hottest === null ? '' : `/${hottest.from}`,
    others.length === 0
      ? 'no sensor under /sys/class/thermal or /sys/class/hwmon'
      : `none of the sensors (${[...new Set(others)].slice(0, 8).join(', ')}) is known to be the processor's`,
  );
}

/** The computer's own batteries, not those of a mouse. Several count by what each can hold. */
export async function readBattery(
  files: SystemFiles,
  findings: Findings,
): Promise<Pick<Sensors, 'batteryShare' | 'charging'>> {
  const own: string[] = [];
  for (const name of await files.names('sys/class/power_supply', /^[\w.-]+$/)) {
    const folder = `sys/class/power_supply/${name}`;
    const scope = await files.text(`${folder}/scope`);
    if ((await files.text(`${folder}/type`)) === 'Battery' && scope !== 'Device') own.push(folder);
  }
  if (own.length === 0) {
    findings.miss('battery', 'no battery under /sys/class/power_supply');
    return {};
  }
  const from = own.map((folder) => `/${folder}`).join(', ');
  const states = await Promise.all(own.map((folder) => files.text(`${folder}/status`)));
  const told = states.every((state) => state !== null && state !== 'Unknown');
  const charging = told ? states.includes('Charging') : null;
  const why = 'the battery does not say';
  return {
    ...findings.note('batteryShare', await share(files, own), 'read', from, why),
    ...findings.note('charging', charging, 'read', from, why),
  };
}

async function share(files: SystemFiles, folders: readonly string[]): Promise<number | null> {
  const [first] = folders;
  const percent = first === undefined || folders.length > 1 ? null : await files.number(`${first}/capacity`);
  if (percent !== null) return percent >= 0 && percent <= 100 ? percent / 100 : null;
  let [held, whole] = [0, 0];
  for (const folder of folders) {
    const now = await files.number(`${folder}/energy_now`);
    const full = await files.number(`${folder}/energy_full`);
    if (now === null || full === null || now < 0 || full <= 0) return null;
    held += Math.min(now, full);
    whole += full;
  }
  return held / whole;
}
