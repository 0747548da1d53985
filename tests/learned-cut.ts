import type { AffineBits, CalibratedCut } from '@tandem/core';

/** What a calibration knows of a cut at which requests leave by labels' centres above 0.5, and `bits` are enough for all others. */
export function learnedCut({
  tensors,
  bits,
  fewerBits = [],
  centres,
}: Pick<CalibratedCut, 'tensors' | 'centres'> & {
  readonly bits: AffineBits;
  readonly fewerBits?: CalibratedCut['online']['fewerBits'];
}): CalibratedCut {
  return {
    tensors,
    bits: tensors.map(() => bits),
    losses: [],
    online: {
      exitAbove: 0.5,
      fewerBits,
      offlineBits: bits,
      mostDistance: null,
      labels: centres.length,
      similarity: { mean: 0.5, deviation: 0.25 },
      samples: 100,
      exitLoss: { share: 0, low: 0, high: 0.05 },
      notes: [],
    },
    exitShare: 0.25,
    sent: [],
    centres,
    notes: [],
  };
}
