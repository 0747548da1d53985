import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { machineTrees, plant } from '../probe/machine-trees.ts';
import { FileSensor } from './file-sensor.ts';
import { MachineSensor } from './machine-sensor.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-sensor-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function sensorOf(files: Readonly<Record<string, string>>): Promise<MachineSensor> {
  return new MachineSensor((await plant(folder, { files })).roots);
}

const cpu0 = 'sys/devices/system/cpu/cpu0';
const zone = 'sys/class/thermal/thermal_zone0';
const board = {
  [`${zone}/type`]: 'cpu-thermal\n',
  [`${zone}/temp`]: '71500\n',
  [`${zone}/trip_point_0_type`]: 'active\n',
  [`${zone}/trip_point_0_temp`]: '50000\n',
  [`${zone}/trip_point_1_type`]: 'passive\n',
  [`${zone}/trip_point_1_temp`]: '85000\n',
  [`${zone}/trip_point_2_type`]: 'critical\n',
  [`${zone}/trip_point_2_temp`]: '110000\n',
};

describe('the sensors of a machine', () => {
  it.each([
    { what: 'nothing where there is nothing', files: {}, reading: {} },
    {
      what: 'a zone and where it begins to slow the processor',
      files: board,
      reading: { temperatureCelsius: 71.5, limitCelsius: 85 },
    },
    {
      what: 'no limit where the trip points are not set',
      files: { ...board, [`${zone}/trip_point_1_temp`]: '-274000\n', [`${zone}/trip_point_2_temp`]: '0\n' },
      reading: { temperatureCelsius: 71.5 },
    },
    {
      what: 'the critical temperature of a chip, and a battery',
      files: { ...machineTrees.laptop.files, 'sys/class/hwmon/hwmon0/temp1_crit': '100000\n' },
      reading: { temperatureCelsius: 47.5, limitCelsius: 100, batteryShare: 0.83 },
    },
    {
      what: 'a cooler at work, and the clock that it leaves',
      files: {
        'sys/class/thermal/cooling_device0/type': 'Fan\n',
        'sys/class/thermal/cooling_device0/cur_state': '3\n',
        'sys/class/thermal/cooling_device1/type': 'cpufreq-cpu0\n',
        'sys/class/thermal/cooling_device1/cur_state': '2\n',
        [`${cpu0}/cpufreq/scaling_max_freq`]: '1000000\n',
        [`${cpu0}/cpufreq/cpuinfo_max_freq`]: '1500000\n',
      },
      reading: { isThrottled: true, clockHertz: 1e9, highestHertz: 1.5e9 },
    },
    {
      what: 'a fan, which slows nothing down',
      files: {
        'sys/class/thermal/cooling_device0/type': 'Fan\n',
        'sys/class/thermal/cooling_device0/cur_state': '3\n',
      },
      reading: {},
    },
  ])('$what', async ({ files, reading }) => {
    expect(await (await sensorOf(files)).read()).toEqual(reading);
  });

  it('takes a count that grows for throttling, and one that stands still for none', async () => {
    const counter = `${cpu0}/thermal_throttle/core_throttle_count`;
    const sensor = await sensorOf({ [counter]: '7\n' });
    const throttled: (boolean | undefined)[] = [];
    for (const count of ['7', '9', '9']) {
      await writeFile(join(folder, counter), `${count}\n`);
      throttled.push((await sensor.read()).isThrottled);
    }
    expect(throttled).toEqual([false, true, false]);
  });
});

describe('a file for sensors', () => {
  it.each([
    { text: '{}', reading: {} },
    {
      text: '{"temperatureCelsius": -3.5, "limitCelsius": 85, "isThrottled": false}',
      reading: { temperatureCelsius: -3.5, limitCelsius: 85, isThrottled: false },
    },
    { text: '{"batteryShare": 0.2, "clockHertz": 1e9}', reading: { batteryShare: 0.2, clockHertz: 1e9 } },
  ])('holds $text', async ({ text, reading }) => {
    const path = join(folder, 'pi.json');
    await writeFile(path, text);
    expect(await new FileSensor(path).read()).toEqual(reading);
  });

  it.each([
    { text: '{"temperatureCelsius": 8', message: /pi\.json is not JSON/ },
    { text: '[]', message: /no reading of sensors: the whole/ },
    { text: '{"temperature": 80}', message: /no reading of sensors/ },
    { text: '{"batteryShare": 80}', message: /batteryShare/ },
    { text: `{"batteryShare": 0.5${' '.repeat(70_000)}}`, message: /at most 65536/ },
  ])('refuses others', async ({ text, message }) => {
    const path = join(folder, 'pi.json');
    await writeFile(path, text);
    await expect(new FileSensor(path).read()).rejects.toThrow(message);
  });

  it('is missed', async () => {
    await expect(new FileSensor(join(folder, 'none.json')).read()).rejects.toThrow(/There is no file/);
  });
});
