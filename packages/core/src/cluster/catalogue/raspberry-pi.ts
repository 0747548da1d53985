import { bytes, bytesPerSecond, flopsPerSecond, watts } from '../../units.ts';
import type { DeviceFamily } from './catalogue-device.ts';
import { lawBetween, peakOfCores, range, shareOfPeak } from './figure-rules.ts';
import { type Cite, derived, estimate, maker, measurement, report, unverified } from './sourced.ts';

const chip = (name: string): Cite => maker(`Raspberry Pi documentation, processors, ${name}`);
const clocks = maker('Raspberry Pi documentation, overclocking options: arm_freq_min and arm_freq');
const powerTable = (idle: string, busy: string): Cite =>
  report(
    `pidramble.com power benchmarks, as others quote them: idle ${idle}, four busy cores ${busy}; all of the idle draw taken as static`,
  );
const twiceLinpack = (run: string): Cite => derived(`twice the fp64 rate of ${run}: half as wide numbers`);
const memoryClock = (product: string): Cite =>
  derived(`${product}: sdram_freq of the Raspberry Pi documentation; the width not checked`);
const neon = unverified<readonly string[]>(['neon']);

const peak3 = peakOfCores([4, 8, 1400]);
const peak4 = peakOfCores([4, 8, 1800]);
const peak5 = peakOfCores([4, 16, 2400]);

/** Raspberry Pi boards: all four cores of the CPU; the graphics units are not used. */
export const raspberryPi: DeviceFamily = {
  'raspberry-pi-3b-plus': {
    title: 'Raspberry Pi 3 Model B+ (BCM2837B0, 4 × Cortex-A53)',
    kind: 'cpu',
    class: 'board',
    figures: {
      memoryBytes: maker('The Official Raspberry Pi Beginner’s Guide, appendix F')(bytes(1e9)),
      flopsPerSecond: shareOfPeak(
        peak3,
        0.2,
        'half of the share that Linpack reaches on a Raspberry Pi 4, because its cores are in-order',
      ),
      peakFlopsPerSecond: peak3,
      memoryBytesPerSecond: estimate('half of that of a Raspberry Pi 4: the memory is a generation older')(
        bytesPerSecond(2.8e9),
      ),
      peakMemoryBytesPerSecond: memoryClock('32 bit × 2 × 500 MHz')(bytesPerSecond(4e9)),
      power: powerTable('1.9 W', '5.1 W')(lawBetween(1.9, 5.1)),
      frequencies: clocks(range(600, 1400)),
      cores: chip('BCM2837B0')(4),
      simdBits: unverified(128),
      fmaUnits: unverified(1),
      level1Bytes: unverified(bytes(32 * 1024)),
      level2Bytes: unverified(bytes(512 * 1024)),
      instructionSets: neon,
    },
  },
  'raspberry-pi-4b': {
    title: 'Raspberry Pi 4 Model B, 4 GB (BCM2711, 4 × Cortex-A72)',
    kind: 'cpu',
    class: 'board',
    figures: {
      memoryBytes: maker('Raspberry Pi documentation, BCM2711: up to 8 GB; the variant with 4 GB')(
        bytes(4e9),
      ),
      flopsPerSecond: twiceLinpack(
        '11.889 GFLOPS, High-Performance Linpack at 1.8 GHz (geerlingguy/top500-benchmark)',
      )(flopsPerSecond(23.8e9)),
      peakFlopsPerSecond: peak4,
      memoryBytesPerSecond: derived(
        'twice the bytes copied in a second, 2777 MB/s by tinymembench (geerlingguy/sbc-reviews 110, a board at 1.25 GHz)',
      )(bytesPerSecond(5.55e9)),
      peakMemoryBytesPerSecond: memoryClock('32 bit × 3200 MHz')(bytesPerSecond(12.8e9)),
      power: powerTable('2.7 W', '6.4 W')(lawBetween(2.7, 6.4)),
      frequencies: clocks(range(600, 1800)),
      cores: chip('BCM2711')(4),
      simdBits: report('johnduffymsc/picluster: one 128-bit pipeline a core')(128),
      fmaUnits: report('johnduffymsc/picluster: one 128-bit pipeline a core')(1),
      level1Bytes: chip('BCM2711')(bytes(32 * 1024)),
      level2Bytes: chip('BCM2711')(bytes(1024 * 1024)),
      instructionSets: neon,
    },
  },
  'raspberry-pi-5': {
    title: 'Raspberry Pi 5, 8 GB (BCM2712, 4 × Cortex-A76)',
    kind: 'cpu',
    class: 'board',
    figures: {
      memoryBytes: measurement('the board of geerlingguy/sbc-reviews 21')(bytes(8e9)),
      flopsPerSecond: twiceLinpack(
        '30.249 GFLOPS, High-Performance Linpack at 2.4 GHz (geerlingguy/top500-benchmark)',
      )(flopsPerSecond(60.5e9)),
      peakFlopsPerSecond: peak5,
      memoryBytesPerSecond: derived(
        'twice the bytes copied in a second, 4870 MB/s by tinymembench (geerlingguy/sbc-reviews 21)',
      )(bytesPerSecond(9.74e9)),
      peakMemoryBytesPerSecond: chip('BCM2712')(bytesPerSecond(17e9)),
      peakWatts: measurement('during Linpack, at the wall (geerlingguy/top500-benchmark)')(watts(11)),
      frequencies: clocks(range(1500, 2400)),
      cores: chip('BCM2712')(4),
      simdBits: report('techarx.com: two 128-bit pipes of a Cortex-A76')(128),
      fmaUnits: report('anandtech.com: two vector and floating-point pipelines of a Cortex-A76')(2),
      level1Bytes: chip('BCM2712')(bytes(64 * 1024)),
      level2Bytes: chip('BCM2712')(bytes(512 * 1024)),
      level3Bytes: chip('BCM2712')(bytes(2 * 1024 * 1024)),
      instructionSets: neon,
    },
  },
};
