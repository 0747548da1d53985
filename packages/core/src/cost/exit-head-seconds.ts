import type { Device } from '../cluster/cluster.ts';
import type { ExitHead } from '../plan/exit-table.ts';
import { frequencyShare } from '../plan/frequency.ts';
import type { Plan } from '../plan/plan.ts';

/**
 * How long an exit's head occupies a device at the clock that a plan sets, by the roofline of nodes: max(operations / rate, bytes moved
 * / bandwidth) × load + launch. A head without any work is not launched.
 */
export function exitHeadSeconds(
  { flops, movedBytes }: Pick<ExitHead, 'flops' | 'movedBytes'>,
  device: Device,
  frequency: Plan['frequency'],
): number {
  if (flops === 0 && movedBytes === 0) return 0;
  const rate = device.flopsPerSecond * frequencyShare(device, frequency);
  const work = Math.max(flops / rate, movedBytes / device.memoryBytesPerSecond);
  return work * device.load + device.launchSeconds;
}
