import { describe, expect, it } from 'vitest';
import type { AffineBits } from '../codec/codec.ts';
import { calibrateOnline, type OnlineThresholds } from './calibrate-online.ts';
import type { CalibrationSample } from './calibration-sample.ts';
import { sentBits } from './sent-bits.ts';

/** Of label 0; coded with fewer than `needs` bits it becomes label 1. */
function sample(separability: number, needs: AffineBits): CalibrationSample {
  const label = (bits: AffineBits): number => (bits < needs ? 1 : 0);
  return {
    separability,
    similarity: 1,
    distance: 0.1,
    exitLabel: 0,
    label: 0,
    codedLabels: { 3: label(3), 4: label(4), 6: label(6) },
  };
}

const online: OnlineThresholds = {
  ...calibrateOnline([], { offlineBits: 6 }),
  exitAbove: 0.8,
  fewerBits: [
    { bits: 3, atLeast: 0.6 },
    { bits: 4, atLeast: 0.3 },
  ],
  offlineBits: 6,
};

/** Each twice, so that both halves have it. */
const samples = [sample(0.9, 3), sample(0.7, 4), sample(0.4, 3), sample(0.1, 6)].flatMap((one) => [one, one]);

describe('sentBits', () => {
  it('says how many requests cross with which bits, with and without those that leave, and what that costs', () => {
    expect(sentBits(samples, online)).toMatchObject([
      {
        afterExits: false,
        bits: [
          { bits: 3, share: 0.5 },
          { bits: 4, share: 0.25 },
          { bits: 6, share: 0.25 },
        ],
        loss: { samples: 4, lost: 1, share: 0.25 },
      },
      {
        afterExits: true,
        bits: [
          { bits: 3, share: 1 / 3 },
          { bits: 4, share: 1 / 3 },
          { bits: 6, share: 1 / 3 },
        ],
        loss: { samples: 4, lost: 1, share: 0.25 },
      },
    ]);
  });

  it.each<[string, readonly CalibrationSample[], OnlineThresholds, readonly boolean[]]>([
    ['there are no samples', [], online, []],
    ['nobody may leave', samples, { ...online, exitAbove: null }, [false]],
    ['all leave', samples, { ...online, exitAbove: 0 }, [false]],
    ['the bits of some were not measured', samples, { ...online, offlineBits: 7 }, []],
  ])('where %s', (_what, own, thresholds, expected) => {
    expect(sentBits(own, thresholds).map(({ afterExits }) => afterExits)).toEqual(expected);
  });
});
