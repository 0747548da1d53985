import { type Claim, defineClaim } from '../claim.ts';
import { papers } from '../papers.ts';

/** The chart's ends, from which everything between them is predicted. */
const slowest = { factor: 0.5, cost: 0.632 } as const;
const fastest = { factor: 1, cost: 0.559 } as const;

/** A hundredth of the chart's height, in which its points were read. */
const reading = { kind: 'absolute', value: 0.003 } as const;
/** The chart's points stand 0.02 apart. */
const step = { kind: 'absolute', value: 0.02 } as const;
const chart = 'chart of the scaling factor';

export const c2: Claim = defineClaim({
  claim:
    'The joint cost of latency and energy is convex in the frequency, with its least value between half and full speed.',
  paper: papers.coinfer,
  standIn:
    'Arithmetic in place of measured devices: cost = A/f + B·f^p, A and B from the two ends of the chart, the middle predicted.',
  figures: {
    'best factor, p = 3': { unit: 'of the maximum', paper: 0.78, tolerance: step, where: chart },
    'cost at the best factor, p = 3': { unit: 'of 1', paper: 0.508, tolerance: reading, where: chart },
    'best factor, p = 2': { unit: 'of the maximum', paper: 0.78, tolerance: step, where: chart },
    'cost at the best factor, p = 2': { unit: 'of 1', paper: 0.508, tolerance: reading, where: chart },
  },
  remarks: [
    'p = 2 is the energy of a task whose time shrinks as the clock rises (power f³ × time 1/f). p = 3 leaves the time fixed: the chart follows it.',
    'That the curve is convex follows from its form, A and B being positive; what is checked is where its least value lies and how deep it is.',
  ],
  run: async () => {
    const [cubic, square] = [optimum(3), optimum(2)];
    return {
      'best factor, p = 3': cubic.factor,
      'cost at the best factor, p = 3': cubic.cost,
      'best factor, p = 2': square.factor,
      'cost at the best factor, p = 2': square.cost,
    };
  },
});

/** The minimum of A/f + B·f^p through both ends: f = (A / (p·B))^(1/(p+1)). */
function optimum(p: number): { readonly factor: number; readonly cost: number } {
  const { factor: low, cost } = slowest;
  const b = (fastest.cost - cost * low) / (1 - low ** (p + 1));
  const a = fastest.cost - b;
  const factor = Math.min(fastest.factor, Math.max(low, (a / (p * b)) ** (1 / (p + 1))));
  return { factor, cost: a / factor + b * factor ** p };
}
