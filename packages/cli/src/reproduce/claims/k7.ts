import { type Claim, defineClaim } from '../claim.ts';
import { papers } from '../papers.ts';

/** Table I, ms: ResNet101 on NX and TX2, VGG16 on NX and TX2; the baselines NS, DADS, SPINN, JPS. */
const baselines = [
  [45.16, 62.67, 29.52, 52.73],
  [38.11, 49.34, 24.38, 39.5],
  [22.04, 30.1, 14.03, 19.97],
  [20.78, 28.31, 12.52, 18.13],
] as const;
const coach = [15.63, 19.11, 9.71, 13.37] as const;

const printed = { kind: 'absolute', value: 0.05 } as const;

export const k7: Claim = defineClaim({
  claim:
    'COACH is up to 1.7 times faster with up to 2.1 times the throughput (abstract), or up to 2.1 and 2.5 times (list of contributions).',
  paper: papers.coach,
  standIn:
    'Reading: what one place of the paper prints is judged against what another does. Nothing was measured.',
  figures: {
    'faster, by the contributions': { unit: '×', paper: 1.7, tolerance: printed, where: 'abstract' },
    'throughput, by the contributions': { unit: '×', paper: 2.1, tolerance: printed, where: 'abstract' },
    'faster at most, by Table I': { unit: '×', paper: 2.1, tolerance: printed, where: 'contributions' },
    'throughput at most, by figure 7': { unit: '×', paper: 2.5, tolerance: printed, where: 'contributions' },
    'faster than JPS at most, by Table I': { unit: '×', paper: null, tolerance: printed, where: 'Table I' },
    'faster than JPS at least, by Table I': { unit: '×', paper: null, tolerance: printed, where: 'Table I' },
  },
  remarks: [
    'Abstract, contributions and results name three different pairs of figures for the same comparison, each with “up to”, so at most one of them can hold.',
    'Figure 7 is described in the text: 9.3 times the throughput of NS for VGG16.',
  ],
  run: async () => {
    const ratios = baselines.map((row) => row.map((latency, at) => latency / (coach[at] ?? Number.NaN)));
    const jps = ratios.at(-1) ?? [];
    return {
      'faster, by the contributions': 2.1,
      'throughput, by the contributions': 2.5,
      'faster at most, by Table I': Math.max(...ratios.flat()),
      'throughput at most, by figure 7': 9.3,
      'faster than JPS at most, by Table I': Math.max(...jps),
      'faster than JPS at least, by Table I': Math.min(...jps),
    };
  },
});
