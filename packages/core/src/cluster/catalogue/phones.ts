import {
  type Bytes,
  type BytesPerSecond,
  bytes,
  bytesPerSecond,
  type FlopsPerSecond,
  hertz,
} from '../../units.ts';
import type { CatalogueDevice, DeviceFamily } from './catalogue-device.ts';
import { peakOfCores, shareOfBandwidth, shareOfPeak } from './figure-rules.ts';
import { derived, estimate, report, type Sourced, unverified } from './sourced.ts';

const table = report('tipsclear.com: the three chips in one table');
const memory = estimate('phones with such a chip usually have 8 to 12 GB')(bytes(8e9));

interface Phone {
  readonly title: string;
  readonly peak: Sourced<FlopsPerSecond>;
  readonly bandwidth: Sourced<BytesPerSecond>;
  readonly fastestMegahertz: number;
  readonly level3: Sourced<Bytes>;
}

/** The CPU of a phone: one or more large cores, middle ones and four small ones. */
function phone({ title, peak, bandwidth, fastestMegahertz, level3 }: Phone): CatalogueDevice {
  const fastest = hertz(fastestMegahertz * 1e6);
  return {
    title,
    kind: 'cpu',
    class: 'phone',
    figures: {
      memoryBytes: memory,
      flopsPerSecond: shareOfPeak(
        peak,
        0.25,
        'the small cores add little, and a warm phone lowers its clocks',
      ),
      peakFlopsPerSecond: peak,
      memoryBytesPerSecond: shareOfBandwidth(bandwidth, 0.4, 'the CPU alone does not fill the memory'),
      peakMemoryBytesPerSecond: bandwidth,
      frequencies: table({ kind: 'levels', levelsHertz: [fastest] }),
      cores: table(8),
      simdBits: unverified(128),
      level3Bytes: level3,
      instructionSets: unverified<readonly string[]>(['neon']),
    },
  };
}

/** LPDDR5 sends twice in a clock. */
function lpddr5(megahertz: number, who: string): Sourced<BytesPerSecond> {
  const source = `four channels × 16 bit × 2 × ${megahertz} MHz (${who})`;
  return derived(source)(bytesPerSecond(8 * 2 * megahertz * 1e6));
}

/** CPUs of phones, by their chip. No draw of one phone is published that would hold for another. */
export const phones: DeviceFamily = {
  'snapdragon-865': phone({
    title: 'Phone with Snapdragon 865 (4 × Cortex-A77, 4 × Cortex-A55)',
    peak: peakOfCores([1, 16, 2840], [3, 16, 2420], [4, 8, 1800]),
    bandwidth: lpddr5(2750, 'wikichip.org'),
    fastestMegahertz: 2840,
    level3: report('anandtech.com')(bytes(4 * 1024 * 1024)),
  }),
  'snapdragon-888': phone({
    title: 'Phone with Snapdragon 888 (Cortex-X1, 3 × Cortex-A78, 4 × Cortex-A55)',
    peak: peakOfCores([1, 32, 2840], [3, 16, 2400], [4, 8, 1800]),
    bandwidth: lpddr5(3200, 'tipsclear.com; the channels as in the Snapdragon 8 Gen 1'),
    fastestMegahertz: 2840,
    level3: report('gizbot.com, beside the specifications of the Snapdragon 8 Gen 1')(bytes(4 * 1024 * 1024)),
  }),
  'snapdragon-8-gen-1': phone({
    title: 'Phone with Snapdragon 8 Gen 1 (Cortex-X2, 3 × Cortex-A710, 4 × Cortex-A510)',
    peak: peakOfCores([1, 32, 3000], [3, 16, 2500], [4, 8, 1800]),
    bandwidth: lpddr5(3200, 'gadgetsinnepal.com.np'),
    fastestMegahertz: 3000,
    level3: report('gizbot.com, beside the specifications of the Snapdragon 8 Gen 1')(bytes(6 * 1024 * 1024)),
  }),
};
