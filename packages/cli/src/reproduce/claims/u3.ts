import { type Claim, defineClaim, exactly } from '../claim.ts';
import { papers } from '../papers.ts';

/** Table II: accuracy in %, latency in ms. */
const small = { accuracy: 78, latency: 32 } as const;
const large = { accuracy: 86, latency: 91 } as const;
const together = { accuracy: 84, latency: 47 } as const;

/** Latencies are printed to 1 ms, so a ratio of them is known to about a point. */
const percent = { kind: 'absolute', value: 1 } as const;

export const u3: Claim = defineClaim({
  claim:
    'At α = 0.9, ResNet-8 and ResNet-50 side by side take 48 % less time than ResNet-50 alone for 2 points of accuracy, and 46 % more than ResNet-8 for 6.',
  paper: papers.ng,
  standIn: 'Arithmetic on the paper’s own table: whether text and table agree. Nothing was measured.',
  figures: {
    'latency saved against ResNet-50': { unit: '%', paper: 48, tolerance: percent, where: 'section IV' },
    'accuracy lost against ResNet-50': { unit: 'points', paper: 2, tolerance: exactly, where: 'section IV' },
    'accuracy won against ResNet-8': { unit: 'points', paper: 6, tolerance: exactly, where: 'section IV' },
    'latency added to ResNet-8': { unit: '%', paper: 46, tolerance: percent, where: 'section IV' },
  },
  remarks: ['The last figure was cut off and not rounded: 46.9 % is printed as 46 %.'],
  run: async () => ({
    'latency saved against ResNet-50': (1 - together.latency / large.latency) * 100,
    'accuracy lost against ResNet-50': large.accuracy - together.accuracy,
    'accuracy won against ResNet-8': together.accuracy - small.accuracy,
    'latency added to ResNet-8': (together.latency / small.latency - 1) * 100,
  }),
});
