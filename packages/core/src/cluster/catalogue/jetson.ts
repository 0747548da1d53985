import { bytes, bytesPerSecond, watts } from '../../units.ts';
import type { DeviceFamily } from './catalogue-device.ts';
import { estimatedPower, levels, peakOfCudaCores, shareOfBandwidth, shareOfPeak } from './figure-rules.ts';
import { type Cite, derived, maker, measurement, paper, report, unverified } from './sourced.ts';

const tableI = paper('Ng et al., Table I');
const deviceQuery = (gist: string): Cite => measurement(`CUDA deviceQuery of one (${gist})`);
const orinNano = maker('NVIDIA, Jetson Orin Nano series data sheet');
const xavierNx = maker('NVIDIA, Jetson Xavier NX data sheet DA-09366, preliminary');
const nano = deviceQuery('gist r7vme/45ad34e9');
const tx2 = deviceQuery('gist r7vme/d9a3f297');
const orinNx = deviceQuery('gist atinfinity/8cede915');

const kernels = 'networks of batch 1 seldom keep a GPU busier';
const traffic = 'CPU and GPU share the memory';
/** What a module draws while it waits is not among what its maker prints. */
const idleShare = 0.2;

const peaks = {
  nano: peakOfCudaCores(128, 922),
  tx2: peakOfCudaCores(256, 1300),
  xavierNx: peakOfCudaCores(384, 1100),
  orinNano: peakOfCudaCores(1024, 625),
  orinNx: peakOfCudaCores(1024, 918),
};

const bandwidths = {
  nano: report('alldbin.com and others: 64 bit LPDDR4')(bytesPerSecond(25.6e9)),
  tx2: report('hmc-tech.com: 128 bit LPDDR4')(bytesPerSecond(59.7e9)),
  xavierNx: derived('128 bit × 2 × 1600 MHz, of the data sheet DA-09366')(bytesPerSecond(51.2e9)),
  orinNano: report('brojogopalsapui.com: 68 GB/s before the firmware of December 2024')(bytesPerSecond(68e9)),
  orinNx: unverified(bytesPerSecond(102.4e9)),
};

/** The GPUs of NVIDIA's modules; memory is shared with their CPUs. Prices are those of Ng et al. */
export const jetson: DeviceFamily = {
  'jetson-nano': {
    title: 'NVIDIA Jetson Nano (Maxwell, 128 CUDA cores)',
    kind: 'gpu',
    class: 'board',
    figures: {
      memoryBytes: tableI(bytes(4e9)),
      flopsPerSecond: shareOfPeak(peaks.nano, 0.3, kernels),
      peakFlopsPerSecond: peaks.nano,
      memoryBytesPerSecond: shareOfBandwidth(bandwidths.nano, 0.7, traffic),
      peakMemoryBytesPerSecond: bandwidths.nano,
      peakWatts: tableI(watts(10)),
      power: estimatedPower(10, idleShare),
      frequencies: nano(levels(922)),
      cores: nano(1),
      level2Bytes: nano(bytes(262_144)),
      priceDollars: tableI(99),
    },
  },
  'jetson-tx2': {
    title: 'NVIDIA Jetson TX2 (Pascal, 256 CUDA cores)',
    kind: 'gpu',
    class: 'board',
    figures: {
      memoryBytes: tableI(bytes(8e9)),
      flopsPerSecond: shareOfPeak(peaks.tx2, 0.3, kernels),
      peakFlopsPerSecond: peaks.tx2,
      memoryBytesPerSecond: shareOfBandwidth(bandwidths.tx2, 0.7, traffic),
      peakMemoryBytesPerSecond: bandwidths.tx2,
      peakWatts: tableI(watts(15)),
      power: estimatedPower(15, idleShare),
      frequencies: report('gist ZekunZh/75fa8790: nvpmodel Max-Q, Max-P and Max-N')(levels(850, 1120, 1300)),
      cores: tx2(2),
      level2Bytes: tx2(bytes(524_288)),
      priceDollars: tableI(399),
    },
  },
  'jetson-xavier-nx': {
    title: 'NVIDIA Jetson Xavier NX (Volta, 384 CUDA cores)',
    kind: 'gpu',
    class: 'board',
    figures: {
      memoryBytes: xavierNx(bytes(8e9)),
      flopsPerSecond: shareOfPeak(peaks.xavierNx, 0.3, kernels),
      peakFlopsPerSecond: peaks.xavierNx,
      memoryBytesPerSecond: shareOfBandwidth(bandwidths.xavierNx, 0.7, traffic),
      peakMemoryBytesPerSecond: bandwidths.xavierNx,
      peakWatts: report(
        'huggingface.co/hardware/jetson-xavier-nx; the data sheet v1.3 prints modes of 10 and 15 W',
      )(watts(20)),
      power: estimatedPower(20, idleShare),
      frequencies: xavierNx(levels(1100)),
      cores: derived('384 CUDA cores, 64 in a multiprocessor as in other GPUs of its generation')(6),
      instructionSets: xavierNx(['tensor-cores']),
      priceDollars: report('huggingface.co/hardware/jetson-xavier-nx')(400),
    },
  },
  'jetson-orin-nano': {
    title: 'NVIDIA Jetson Orin Nano 8 GB (Ampere, 1024 CUDA cores)',
    kind: 'gpu',
    class: 'board',
    figures: {
      memoryBytes: tableI(bytes(8e9)),
      flopsPerSecond: shareOfPeak(peaks.orinNano, 0.3, kernels),
      peakFlopsPerSecond: peaks.orinNano,
      memoryBytesPerSecond: shareOfBandwidth(bandwidths.orinNano, 0.7, traffic),
      peakMemoryBytesPerSecond: bandwidths.orinNano,
      peakWatts: tableI(watts(15)),
      power: estimatedPower(15, idleShare),
      frequencies: orinNano(levels(625)),
      cores: derived('1024 CUDA cores, 128 in a multiprocessor as in the Orin NX')(8),
      instructionSets: orinNano(['tensor-cores']),
      priceDollars: tableI(499),
    },
  },
  'jetson-orin-nx': {
    title: 'NVIDIA Jetson Orin NX 16 GB (Ampere, 1024 CUDA cores)',
    kind: 'gpu',
    class: 'board',
    figures: {
      memoryBytes: tableI(bytes(16e9)),
      flopsPerSecond: shareOfPeak(peaks.orinNx, 0.3, kernels),
      peakFlopsPerSecond: peaks.orinNx,
      memoryBytesPerSecond: shareOfBandwidth(bandwidths.orinNx, 0.7, traffic),
      peakMemoryBytesPerSecond: bandwidths.orinNx,
      peakWatts: tableI(watts(25)),
      power: estimatedPower(25, idleShare),
      frequencies: orinNx(levels(918)),
      cores: orinNx(8),
      level2Bytes: orinNx(bytes(2_097_152)),
      instructionSets: unverified<readonly string[]>(['tensor-cores']),
      priceDollars: tableI(899),
    },
  },
};
