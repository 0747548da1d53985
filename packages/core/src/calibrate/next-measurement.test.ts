import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countLoss, isRefuted } from './answer-losses.ts';
import { type CrossingBits, crossingBits } from './crossing-bits.ts';
import { nextMeasurement } from './next-measurement.ts';
import { type CutBits, cutBitsKey, cutBitsOf } from './search-cut.ts';

/** Calibrates one cut of samples whose answer is 0, and 1 where `isLost` says so. */
function calibrated(
  tensors: number,
  samples: number,
  most: number,
  isLost: (bits: CutBits, sample: number) => boolean,
): {
  readonly bits: CutBits;
  readonly measured: Map<string, number>;
  readonly answers: Map<string, number[]>;
} {
  const pilot = Math.min(64, samples);
  const measured = new Map<string, number>();
  const answers = new Map<string, number[]>();
  for (let step = 0; step < 200; step++) {
    const next = nextMeasurement({
      tensors: Array.from({ length: tensors }, () => ({ elements: 100, mayBeCoded: true })),
      most,
      judged: { labels: new Int32Array(samples) },
      pilot,
      answersOf: (bits) => ({
        answers: answers.get(cutBitsKey(bits)) ?? [],
        measured: measured.get(cutBitsKey(bits)) ?? 0,
      }),
    });
    if (next.kind === 'done') return { bits: next.bits, measured, answers };
    const key = cutBitsKey(next.bits);
    const count = next.samples === 'pilot' ? pilot : samples;
    expect(count, 'nothing is measured twice').toBeGreaterThan(measured.get(key) ?? 0);
    measured.set(key, count);
    answers.set(
      key,
      Array.from({ length: count }, (_, sample) => (isLost(next.bits, sample) ? 1 : 0)),
    );
  }
  throw new Error('the search does not end');
}

const everyth = (period: number) => (sample: number) => sample % period === period - 1;

describe('nextMeasurement', () => {
  it.each<[string, CrossingBits | null, readonly number[]]>([
    ['none lose', 2, [0, 0, 0, 0, 0, 0, 0]],
    ['2 and 3 bits lose a tenth', 4, [10, 10, 0, 0, 0, 0, 0]],
    ['3 bits lose one in 201, which the first 64 do not show', 4, [10, 201, 0, 0, 0, 0, 0]],
    ['only 8 bits lose nothing', 8, [2, 2, 2, 2, 2, 2, 0]],
    ['all but 16 lose a half', 16, [2, 2, 2, 2, 2, 2, 2, 0]],
    ['all lose a half', null, [2, 2, 2, 2, 2, 2, 2, 2]],
  ])('finds the fewest bits where %s', (_what, expected, periods) => {
    const { bits } = calibrated(1, 1000, 0.0025, ([own], sample) => {
      const period = periods[crossingBits.indexOf(own ?? 16)] ?? 0;
      return period > 0 && everyth(period)(sample);
    });
    expect(bits).toEqual([expected]);
  });

  it('tries half precision alone where the samples are too few to tell', () => {
    const { bits, measured } = calibrated(1, 799, 0.0025, () => false);
    expect(bits).toEqual([16]);
    expect(Object.fromEntries(measured)).toEqual({ 16: 799 });
    expect(calibrated(2, 100, 0.01, (own) => own.every((each) => each === 16)).bits).toEqual([null, null]);
  });

  it('measures little where a few samples refute, and fewer bits that lose little for those who are separable', () => {
    const { measured } = calibrated(1, 1000, 0.0025, ([own], sample) => {
      const period = [2, 2, 50, 0, 0, 0, 0, 0][crossingBits.indexOf(own ?? 16)] ?? 0;
      return period > 0 && everyth(period)(sample);
    });
    expect(Object.fromEntries(measured)).toEqual({ 3: 64, 4: 1000, 5: 1000 });
  });

  it('gives tensors that cross together more bits than each needs alone', () => {
    const { bits } = calibrated(2, 400, 0.01, (own, sample) => {
      const both = own.every((each) => each !== null);
      const coarse = own.some((each) => each !== null && each < 4);
      return coarse || (both && own[0] === 4 && sample % 10 === 0);
    });
    expect(bits).toEqual([5, 4]);
  });

  it('measures tensors that cross together with as many bits each, and with fewer, where all are coded', () => {
    const { bits, measured } = calibrated(2, 1000, 0.0025, (own, sample) => {
      const isCoarse = own[0] !== null && (own[0] ?? 16) < 5;
      return isCoarse && everyth(50)(sample);
    });
    expect(bits).toEqual([5, 2]);
    const alike = Object.fromEntries([...measured].filter(([key]) => /^(\d),\1$/.test(key)));
    expect(alike).toEqual({ '5,5': 1000, '4,4': 1000, '3,3': 1000 });
    const raw = calibrated(2, 400, 0.01, (own) => own[1] !== null).measured;
    expect([...raw.keys()].filter((key) => /^(\d),\1$/.test(key))).toEqual([]);
  });

  it('ends with bits of which both halves lose little enough, whatever was measured', () => {
    const noise = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(noise, fc.integer({ min: 1, max: 150 }), (periods, samples) => {
        const most = 0.05;
        const { bits, answers } = calibrated(1, samples, most, ([own], sample) => {
          const period = periods[crossingBits.indexOf(own ?? 16)] ?? 0;
          return period > 0 && (sample * 7919) % period === 0;
        });
        const [own = null] = bits;
        const labels = new Int32Array(samples);
        const coded = answers.get(String(own)) ?? [];
        if (own === null) return;
        for (const from of [0, 1])
          expect(countLoss({ labels }, coded, { from, step: 2 }).share).toBeLessThanOrEqual(most);
      }),
      { numRuns: 200, seed: 9 },
    );
  });
});

it('counts answers that became right against those that became wrong', () => {
  const judged = { labels: [1, 1, 2, 2], truths: [1, 2, 2, 2] };
  expect(countLoss(judged, [1, 2, 1, 2])).toMatchObject({ samples: 4, lost: 0, share: 0, low: 0 });
  expect(countLoss(judged, [2, 1, 1, 2])).toMatchObject({ samples: 4, lost: 2, share: 0.5 });
  expect(countLoss({ labels: [] }, [])).toMatchObject({ samples: 0, share: 0, low: 0, high: 1 });
  expect(isRefuted(countLoss({ labels: [1, 1] }, [2, 2]), 0.01)).toBe(true);
  expect(isRefuted(countLoss(judged, [1, 2, 1, 2]), 0)).toBe(false);
});

it('reads back how tensors cross', () => {
  for (const bits of [[4], [null], [8, null, 2]] satisfies CutBits[])
    expect(cutBitsOf(cutBitsKey(bits))).toEqual(bits);
  for (const text of ['', '9', '4,', 'raw;4']) expect(cutBitsOf(text)).toBeNull();
});
