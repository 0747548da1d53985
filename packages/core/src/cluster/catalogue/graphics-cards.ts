import { bytes, bytesPerSecond, watts } from '../../units.ts';
import type { DeviceFamily } from './catalogue-device.ts';
import { estimatedPower, levels, peakOfCudaCores, shareOfBandwidth, shareOfPeak } from './figure-rules.ts';
import { derived, report } from './sourced.ts';

const kernels = 'networks of batch 1 seldom keep a GPU busier';
const traffic = 'rows and refreshes cost the rest';
const idleShare = 0.1;
const gtx = report('teckknow.com and others, from NVIDIA’s announcement');
const p100 = report('sysrqmts.com and tech4gamers.com, from NVIDIA’s announcement');
const a6000 = report('servethehome.com and sysrqmts.com');

const peaks = {
  gtx1080: peakOfCudaCores(2560, 1733),
  p100: peakOfCudaCores(3584, 1480),
  a6000: peakOfCudaCores(10_752, 1800),
};
const bandwidths = {
  gtx1080: gtx(bytesPerSecond(320e9)),
  p100: p100(bytesPerSecond(732.2e9)),
  a6000: a6000(bytesPerSecond(768e9)),
};

/** Cards for desktops and servers; power is the card's alone. */
export const graphicsCards: DeviceFamily = {
  'gtx-1080': {
    title: 'NVIDIA GeForce GTX 1080 (Pascal, 2560 CUDA cores)',
    kind: 'gpu',
    class: 'desktop',
    figures: {
      memoryBytes: gtx(bytes(8e9)),
      flopsPerSecond: shareOfPeak(peaks.gtx1080, 0.3, kernels),
      peakFlopsPerSecond: peaks.gtx1080,
      memoryBytesPerSecond: shareOfBandwidth(bandwidths.gtx1080, 0.8, traffic),
      peakMemoryBytesPerSecond: bandwidths.gtx1080,
      peakWatts: gtx(watts(180)),
      power: estimatedPower(180, idleShare),
      frequencies: gtx(levels(1607, 1733)),
      cores: derived('2560 CUDA cores, 128 in a multiprocessor')(20),
      level2Bytes: report('cputronic.com')(bytes(2 * 1024 * 1024)),
    },
  },
  'tesla-p100': {
    title: 'NVIDIA Tesla P100 SXM2 (Pascal, 3584 CUDA cores)',
    kind: 'gpu',
    class: 'server',
    figures: {
      memoryBytes: p100(bytes(16e9)),
      flopsPerSecond: shareOfPeak(peaks.p100, 0.3, kernels),
      peakFlopsPerSecond: peaks.p100,
      memoryBytesPerSecond: shareOfBandwidth(bandwidths.p100, 0.8, traffic),
      peakMemoryBytesPerSecond: bandwidths.p100,
      peakWatts: p100(watts(300)),
      power: estimatedPower(300, idleShare),
      frequencies: p100(levels(1328, 1480)),
      cores: p100(56),
      level2Bytes: p100(bytes(4 * 1024 * 1024)),
    },
  },
  'rtx-a6000': {
    title: 'NVIDIA RTX A6000 (Ampere, 10752 CUDA cores)',
    kind: 'gpu',
    class: 'server',
    figures: {
      memoryBytes: a6000(bytes(48e9)),
      flopsPerSecond: shareOfPeak(peaks.a6000, 0.3, kernels),
      peakFlopsPerSecond: peaks.a6000,
      memoryBytesPerSecond: shareOfBandwidth(bandwidths.a6000, 0.8, traffic),
      peakMemoryBytesPerSecond: bandwidths.a6000,
      peakWatts: a6000(watts(300)),
      power: estimatedPower(300, idleShare),
      frequencies: a6000(levels(1410, 1800)),
      cores: a6000(84),
      level2Bytes: a6000(bytes(6 * 1024 * 1024)),
      instructionSets: a6000(['tensor-cores']),
    },
  },
};
