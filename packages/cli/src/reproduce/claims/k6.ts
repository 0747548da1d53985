import { type Claim, defineClaim } from '../claim.ts';
import { papers } from '../papers.ts';

/** Table I, ms: ResNet101 on NX and TX2, VGG16 on NX and TX2. */
const latencies = {
  ns: [45.16, 62.67, 29.52, 52.73],
  dads: [38.11, 49.34, 24.38, 39.5],
  spinn: [22.04, 30.1, 14.03, 19.97],
  jps: [20.78, 28.31, 12.52, 18.13],
} as const;
const coach = [15.63, 19.11, 9.71, 13.37] as const;

const section = 'section on overall performance';
/** Latencies are printed to 0.01 ms, so a reduction of them is known to within 0.1 points. */
const printed = { kind: 'absolute', value: 0.1 } as const;

export const k6: Claim = defineClaim({
  claim:
    'COACH takes 22.48 to 73.59 % less time than the baselines: 69.17 % than NS, 61.26 % than DADS, 36.32 % than SPINN, 31.75 % than JPS.',
  paper: papers.coach,
  standIn: 'Arithmetic on the paper’s own Table I: whether text and table agree. Nothing was measured.',
  figures: {
    least: { unit: '%', paper: 22.48, tolerance: printed, where: section },
    most: { unit: '%', paper: 73.59, tolerance: printed, where: section },
    'mean against NS': { unit: '%', paper: 69.17, tolerance: printed, where: section },
    'mean against DADS': { unit: '%', paper: 61.26, tolerance: printed, where: section },
    'mean against SPINN': { unit: '%', paper: 36.32, tolerance: printed, where: section },
    'mean against JPS': { unit: '%', paper: 31.75, tolerance: printed, where: section },
  },
  remarks: [
    'A mean is of the four columns of Table I. The text does not say which statistic it prints: against DADS, SPINN and JPS it is near the column of ResNet101 on TX2 (61.27, 36.51, 32.50), against NS near the mean.',
  ],
  run: async () => {
    const all = Object.values(latencies).flatMap(reductions);
    return {
      least: Math.min(...all),
      most: Math.max(...all),
      'mean against NS': mean(reductions(latencies.ns)),
      'mean against DADS': mean(reductions(latencies.dads)),
      'mean against SPINN': mean(reductions(latencies.spinn)),
      'mean against JPS': mean(reductions(latencies.jps)),
    };
  },
});

/** How much less time COACH takes in each column, in %. */
function reductions(baseline: readonly number[]): readonly number[] {
  return coach.map((latency, column) => (1 - latency / (baseline[column] ?? Number.NaN)) * 100);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
