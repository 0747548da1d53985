import type { SystemFiles } from './system-files.ts';

/** What drivers call the sensor of a processor: thermal zones and hwmon chips of PCs, Raspberry Pis, Jetsons and phones. */
const processorSensor = /^(x86_pkg_temp|coretemp|k10temp|zenpower|cpu[0-9]*[-_].*|soc[-_]thermal)$/i;

export interface Temperature {
  readonly celsius: number;
  /** As `SystemFiles` has it. */
  readonly from: string;
}

export interface Temperatures {
  /** Of the processor's sensors; null = none of them answers. */
  readonly hottest: Temperature | null;
  /** Sensors of something else. */
  readonly others: readonly string[];
}

export async function readTemperatures(files: SystemFiles): Promise<Temperatures> {
  const others: string[] = [];
  const readings: Temperature[] = [];
  const take = async (name: string | null, path: string): Promise<void> => {
    if (name === null || !processorSensor.test(name)) return void others.push(name ?? path);
    const celsius = await readCelsius(files, path);
    if (celsius !== null) readings.push({ celsius, from: path });
  };
  for (const zone of await files.names('sys/class/thermal', /^thermal_zone\d+$/)) {
    const folder = `sys/class/thermal/${zone}`;
    await take(await files.text(`${folder}/type`), `${folder}/temp`);
  }
  for (const chip of await files.names('sys/class/hwmon', /^hwmon\d+$/)) {
    const folder = `sys/class/hwmon/${chip}`;
    const name = await files.text(`${folder}/name`);
    for (const input of await files.names(folder, /^temp\d+_input$/)) await take(name, `${folder}/${input}`);
  }
  const [hottest = null] = readings.sort((left, right) => right.celsius - left.celsius);
  return { hottest, others };
}

/**
 * Where the kernel or the chip begins to slow the processor, to go by the sensor at `from`: the lowest passive trip point of a thermal zone,
 * else its lowest hot or critical one; the critical temperature of an hwmon chip. Null where neither is told.
 */
export async function readLimit(files: SystemFiles, from: string): Promise<number | null> {
  if (!from.endsWith('/temp')) return await readCelsius(files, from.replace(/_input$/, '_crit'));
  const folder = from.slice(0, -'/temp'.length);
  const trips: { readonly type: string | null; readonly celsius: number }[] = [];
  for (const name of await files.names(folder, /^trip_point_\d+_type$/)) {
    const celsius = await readCelsius(files, `${folder}/${name.replace(/type$/, 'temp')}`);
    // Zones of PCs have trip points that programs may set, and that stand at 0 or below until one does.
    if (celsius !== null && celsius > 0) trips.push({ type: await files.text(`${folder}/${name}`), celsius });
  }
  const lowest = (...types: readonly string[]): number | null => {
    const own = trips.filter(({ type }) => type !== null && types.includes(type));
    return own.length === 0 ? null : Math.min(...own.map(({ celsius }) => celsius));
  };
  return lowest('passive') ?? lowest('hot', 'critical');
}

/** Drivers give thousandths, and absurd values while a part is switched off. */
async function readCelsius(files: SystemFiles, path: string): Promise<number | null> {
  const thousandths = await files.number(path);
  const isReal = thousandths !== null && thousandths > -60_000 && thousandths < 200_000;
  return isReal ? thousandths / 1000 : null;
}
