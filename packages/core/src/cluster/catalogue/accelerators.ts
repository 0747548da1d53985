import { bytes, watts } from '../../units.ts';
import type { DeviceFamily } from './catalogue-device.ts';
import { maker, paper, report } from './sourced.ts';

const tableI = paper('Ng et al., Table I');
const coral = maker('Google, Coral USB Accelerator data sheet');

/** Accelerators beside a host's CPU. Neither has a published fp32 rate: who uses one states what it sustains. */
export const accelerators: DeviceFamily = {
  'movidius-myriad-x': {
    title: 'Intel Movidius Myriad X vision processing unit',
    kind: 'npu',
    class: 'accelerator',
    figures: {
      onChipMemoryBytes: tableI(bytes(2.5e6)),
      peakInt8OperationsPerSecond: report(
        'tomshardware.com and others: the neural engine alone; the number format is not given',
      )(1e12),
      peakWatts: tableI(watts(2.5)),
      leastPeakWatts: tableI(watts(1)),
      cores: report('anandtech.com and others: SHAVE vector processors')(16),
      simdBits: report('anandtech.com and others')(128),
      priceDollars: tableI(59),
    },
  },
  'google-edge-tpu': {
    title: 'Google Edge TPU (Coral)',
    kind: 'npu',
    class: 'accelerator',
    figures: {
      onChipMemoryBytes: tableI(bytes(8e6)),
      peakInt8OperationsPerSecond: coral(4e12),
      peakWatts: tableI(watts(2)),
      priceDollars: tableI(75),
    },
  },
};
