import { type Claim, defineClaim, roundedTo } from '../claim.ts';
import { papers } from '../papers.ts';

/** Table II, ResNet101: latency in ms and transmission, without adjustment and at high correlation. */
const plain = { latency: 13.63, transmission: 121.0 } as const;
const adjusted = { latency: 6.13, transmission: 40.3 } as const;

const section = 'section on context-aware acceleration';

export const k8a: Claim = defineClaim({
  claim: 'At high correlation, COACH sends 66.70 % less and takes 55.03 % less time for ResNet101.',
  paper: papers.coach,
  standIn: 'Arithmetic on the paper’s own Table II: whether text and table agree. Nothing was measured.',
  figures: {
    'transmission saved': { unit: '%', paper: 66.7, tolerance: roundedTo(1), where: section },
    'latency saved': { unit: '%', paper: 55.03, tolerance: roundedTo(2), where: section },
  },
  remarks: [
    'The table prints transmissions with one decimal, so their ratio is known to one decimal of a percent.',
  ],
  run: async () => ({
    'transmission saved': (1 - adjusted.transmission / plain.transmission) * 100,
    'latency saved': (1 - adjusted.latency / plain.latency) * 100,
  }),
});
