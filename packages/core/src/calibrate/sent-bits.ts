import type { AffineBits } from '../codec/codec.ts';
import { type CountedLoss, lossOf } from './answer-losses.ts';
import type { OnlineThresholds } from './calibrate-online.ts';
import { type CalibrationSample, heldOutSamples, lostAnswer } from './calibration-sample.ts';
import { requiredBits } from './required-bits.ts';

/** With how few bits requests cross at a cut by its thresholds, and what that costs. */
export interface SentBits {
  /** Whether only those cross that do not leave by the centres before. */
  readonly afterExits: boolean;
  /** Ascending; of the requests that cross, adding up to 1. */
  readonly bits: readonly { readonly bits: AffineBits; readonly share: number }[];
  /** The answers that these bits cost, of all requests, those that leave included. */
  readonly loss: CountedLoss;
}

export function mayLeave(
  { separability, distance }: CalibrationSample,
  { exitAbove, mostDistance }: OnlineThresholds,
): boolean {
  return exitAbove !== null && separability > exitAbove && distance <= (mostDistance ?? Infinity);
}

/** Of held-out samples, once where all cross and once where those that may leave do; nothing of bits that were not measured on all. */
export function sentBits(
  samples: readonly CalibrationSample[],
  online: OnlineThresholds,
): readonly SentBits[] {
  const heldOut = heldOutSamples(samples);
  const staying = heldOut.filter((sample) => !mayLeave(sample, online));
  const ways = [
    { afterExits: false, crossing: heldOut },
    ...(online.exitAbove === null ? [] : [{ afterExits: true, crossing: staying }]),
  ];
  return ways.flatMap(({ afterExits, crossing }): SentBits[] => {
    const counts = new Map<AffineBits, number>();
    let lost = 0;
    for (const sample of crossing) {
      const bits = requiredBits(sample.separability, online.fewerBits, online.offlineBits);
      const answer = sample.codedLabels[bits];
      if (answer === undefined) return [];
      counts.set(bits, (counts.get(bits) ?? 0) + 1);
      lost += lostAnswer(sample, answer);
    }
    if (crossing.length === 0) return [];
    const bits = [...counts].sort(([left], [right]) => left - right);
    return [
      {
        afterExits,
        bits: bits.map(([own, count]) => ({ bits: own, share: count / crossing.length })),
        loss: lossOf(lost, heldOut.length),
      },
    ];
  });
}
