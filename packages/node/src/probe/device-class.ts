import type { DeviceClass } from '@tandem/core';
import type { ProcessorText } from './processor-text.ts';
import type { SystemFiles } from './system-files.ts';

/** Enclosure types of the SMBIOS specification, 7.4.1, table 17. */
const enclosures: readonly (readonly [DeviceClass, ReadonlySet<number>])[] = [
  ['desktop', new Set([3, 4, 5, 6, 7, 13, 15, 16, 35])],
  ['laptop', new Set([8, 9, 10, 14, 31, 32])],
  ['server', new Set([17, 23, 25, 28, 29])],
];

export interface FoundClass {
  readonly value: DeviceClass;
  readonly from: string;
}

/** What kind of thing this is, as far as its firmware tells. */
export async function deviceClass(files: SystemFiles, text: ProcessorText): Promise<FoundClass | null> {
  if (text.get('flags')?.split(' ').includes('hypervisor') === true)
    return { value: 'virtual-machine', from: '/proc/cpuinfo' };
  const enclosure = await files.number('sys/class/dmi/id/chassis_type');
  const found = enclosures.find(([, types]) => enclosure !== null && types.has(enclosure));
  if (found !== undefined) return { value: found[0], from: '/sys/class/dmi/id/chassis_type' };
  const board = await files.text('proc/device-tree/model');
  return board !== null && /^(Raspberry Pi|NVIDIA Jetson|NVIDIA Orin|Radxa|Orange Pi|Hardkernel)/i.test(board)
    ? { value: 'board', from: '/proc/device-tree/model' }
    : null;
}
