import { flopsPerSecond } from '../../units.ts';
import type { Device } from '../cluster.ts';
import type { DeviceClass } from '../hardware.ts';
import type { CatalogueDevice, DeviceFamily } from './catalogue-device.ts';
import { paper } from './sourced.ts';

const tableII = paper('Mu et al. 2024, Table II');

/** Their delay model divides operations by this rate and knows nothing else about a machine: no memory, no draw. */
function machine(
  title: string,
  kind: Device['kind'],
  deviceClass: DeviceClass,
  gigaflops: number,
): CatalogueDevice {
  const figures = { flopsPerSecond: tableII(flopsPerSecond(gigaflops * 1e9)) };
  return { title: `${title}, as Mu et al. reckon`, kind, class: deviceClass, figures };
}

/** Table II of Mu et al.: far below the makers' figures for the Raspberry Pis, the makers' peaks for the GPUs. */
export const muMachines: DeviceFamily = {
  'mu-raspberry-pi-3b-plus': machine('Raspberry Pi 3B+', 'cpu', 'board', 0.2),
  'mu-raspberry-pi-4b': machine('Raspberry Pi 4B', 'cpu', 'board', 3),
  'mu-jetson-tk1': machine('NVIDIA Jetson TK1', 'gpu', 'board', 326.4),
  'mu-tesla-p100': machine('NVIDIA Tesla P100', 'gpu', 'server', 10_600),
};
