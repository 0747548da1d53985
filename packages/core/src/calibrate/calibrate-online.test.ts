import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../errors.ts';
import { bitsThresholds } from './bits-thresholds.ts';
import { calibrateOnline } from './calibrate-online.ts';
import { type CalibrationSample, lostAnswer } from './calibration-sample.ts';
import { type CrossingBits, crossingBits } from './crossing-bits.ts';
import { exitLoss, exitThreshold } from './exit-threshold.ts';
import { jointBits } from './joint-bits.ts';
import { wilsonInterval } from './wilson-interval.ts';

function sample(
  separability: number,
  isRight: boolean,
  coded: CalibrationSample['codedLabels'] = {},
): CalibrationSample {
  return {
    separability,
    similarity: 0.5,
    distance: 0.25,
    exitLabel: isRight ? 1 : 2,
    label: 1,
    codedLabels: coded,
  };
}

const samples = fc.array(
  fc
    .tuple(
      fc.integer({ min: 0, max: 12 }),
      fc.integer({ min: 0, max: 2 }),
      fc.integer({ min: 0, max: 2 }),
      fc.integer({ min: 0, max: 2 }),
    )
    .map(
      ([separability, exitLabel, label, truth]): CalibrationSample => ({
        separability: separability / 4,
        similarity: 0.5,
        distance: 0.25,
        exitLabel,
        label,
        truth,
        codedLabels: { 2: exitLabel, 3: truth, 4: label },
      }),
    ),
  { maxLength: 60 },
);
const shares = fc.constantFrom(0, 0.02, 0.1, 0.5);

describe('exitThreshold', () => {
  it.each([
    { rows: [], most: 0, expected: null },
    { rows: [sample(3, true), sample(2, true), sample(1, false)], most: 0, expected: 1 },
    { rows: [sample(3, true), sample(2, false), sample(1, true)], most: 0, expected: 2 },
    { rows: [sample(3, true), sample(2, false), sample(2, true)], most: 0, expected: 2 },
    { rows: [sample(3, false), sample(2, true)], most: 0, expected: null },
    { rows: [sample(3, true), sample(2, true)], most: 0, expected: 1 },
    { rows: [sample(3, true), sample(0, true)], most: 0, expected: 1.5 },
    { rows: [sample(0, true)], most: 1, expected: null },
  ])('is $expected for case %#', ({ rows, most, expected }) => {
    expect(exitThreshold(rows, most)).toBe(expected);
  });

  it('keeps the loss of its own samples, and lets as many leave as any threshold that does so all the way', () => {
    fc.assert(
      fc.property(samples, shares, fc.constantFrom('all' as const, 'last' as const), (rows, most, rule) => {
        const above = exitThreshold(rows, most, rule);
        expect(exitLoss(rows, above)).toBeLessThanOrEqual(most * rows.length);
        for (const other of [0, ...rows.map(({ separability }) => separability)]) {
          if (above !== null && other >= above) continue;
          const leaving = rows.filter(({ separability }) => separability > other);
          if (leaving.length === 0) continue;
          const steps = rule === 'last' ? [other] : [other, ...leaving.map((row) => row.separability)];
          const isKept = steps.every((step) => exitLoss(rows, step) <= most * rows.length);
          expect(
            isKept && rows.some((row) => row.separability > other && !(row.separability > (above ?? 9))),
          ).toBe(false);
        }
      }),
      { numRuns: 300, seed: 71 },
    );
  });
});

describe('bitsThresholds', () => {
  it('keeps the loss of each prefix, asks for no less separability the fewer the bits, and knows only what was measured', () => {
    fc.assert(
      fc.property(samples, shares, (rows, most) => {
        const thresholds = bitsThresholds(rows, 6, most);
        expect(thresholds.every(({ bits }) => bits <= 4)).toBe(true);
        for (const [at, { bits, atLeast }] of thresholds.entries()) {
          const covered = rows.filter(({ separability }) => separability >= atLeast);
          const lost = covered.reduce((sum, row) => sum + lostAnswer(row, row.codedLabels[bits]), 0);
          expect(lost).toBeLessThanOrEqual(most * covered.length);
          const [more] = thresholds.slice(at + 1);
          if (more === undefined) continue;
          expect(more.bits).toBeGreaterThan(bits);
          expect(more.atLeast).toBeLessThanOrEqual(atLeast);
        }
      }),
      { numRuns: 300, seed: 72 },
    );
  });

  it('says from where on few bits are enough', () => {
    const rows = [
      sample(4, true, { 2: 1, 3: 1 }),
      sample(3, true, { 2: 2, 3: 1 }),
      sample(2, true, { 2: 1, 3: 1 }),
      sample(1, true, { 2: 2, 3: 2 }),
    ];
    expect(bitsThresholds(rows, 4, 0)).toEqual([
      { bits: 2, atLeast: 4 },
      { bits: 3, atLeast: 2 },
    ]);
  });
});

describe('calibrateOnline', () => {
  it('holds what it fitted against the other half, within half of the budget', () => {
    fc.assert(
      fc.property(samples, shares, (rows, mostLoss) => {
        const { exitAbove, exitLoss: loss } = calibrateOnline(rows, { mostLoss, offlineBits: 6 });
        const heldOut = rows.filter((_row, at) => at % 2 === 1);
        expect(exitLoss(heldOut, exitAbove)).toBeLessThanOrEqual((mostLoss / 2) * heldOut.length);
        expect(loss.low).toBeLessThanOrEqual(loss.share + 1e-12);
        expect(loss.high).toBeGreaterThanOrEqual(loss.share - 1e-12);
      }),
      { numRuns: 300, seed: 73 },
    );
  });

  it.each([
    { what: 'no samples', rows: [], note: /Exits are off: there are 0 calibration samples/ },
    { what: 'one sample', rows: [sample(1, true)], note: /Exits are off: there are 1 calibration samples/ },
    {
      what: 'one label',
      rows: [sample(2, true), sample(1, true), sample(1, true)],
      note: /have one label/,
    },
    {
      what: 'centres that are wrong',
      rows: [sample(3, false), sample(3, false), sample(1, true), sample(1, true)],
      note: /lose more than 0\.0025/,
    },
  ])('turns exits off with a reason on $what', ({ rows, note }) => {
    const thresholds = calibrateOnline(rows, { offlineBits: 6 });
    expect(thresholds.exitAbove).toBeNull();
    expect(thresholds.notes.join(' ')).toMatch(note);
  });

  it('says when the samples are too few to tell the loss', () => {
    const rows = Array.from({ length: 100 }, (_row, at) => sample(1 + at, at % 3 !== 0));
    expect(calibrateOnline(rows, { offlineBits: 6 }).notes.join(' ')).toMatch(
      /100 .* cannot be told .* 800 could/,
    );
    const { mostDistance, similarity } = calibrateOnline(rows, { offlineBits: 6 });
    expect([mostDistance, similarity]).toEqual([0.25, { mean: 0.5, deviation: 0 }]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1])('refuses a separability of %d', (separability) => {
    expect(() => calibrateOnline([sample(separability, true)], { offlineBits: 6 })).toThrow(
      InvalidInputError,
    );
  });
});

describe('wilsonInterval', () => {
  it('is what the formula says', () => {
    // 0 of 10 and 5 of 10 at 95 %, as tables of the interval have them.
    expect(wilsonInterval(0, 10).high).toBeCloseTo(0.2775, 4);
    expect(wilsonInterval(5, 10).low).toBeCloseTo(0.2366, 4);
    expect(wilsonInterval(5, 10).high).toBeCloseTo(0.7634, 4);
    expect(wilsonInterval(0, 0)).toEqual({ low: 0, high: 1 });
  });

  it('holds the share and narrows with trials', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 1, max: 50 }), (drawn, trials) => {
        const hits = Math.min(drawn, trials);
        const once = wilsonInterval(hits, trials);
        const often = wilsonInterval(hits * 10, trials * 10);
        expect(once.low).toBeLessThanOrEqual(hits / trials + 1e-12);
        expect(once.high).toBeGreaterThanOrEqual(hits / trials - 1e-12);
        expect(often.high - often.low).toBeLessThan(once.high - once.low);
      }),
    );
  });
});

describe('jointBits', () => {
  const bytesOf = (weights: readonly number[]) => (at: number, bits: CrossingBits) =>
    (weights[at] ?? 0) * bits;

  it('raises the tensor that gains most accuracy a byte', () => {
    const loss = (bits: readonly CrossingBits[]): number => bits.reduce((sum, own) => sum + 2 ** -own, 0);
    const start: readonly CrossingBits[] = [2, 2];
    expect(jointBits(start, { loss, bytes: bytesOf([1, 100]) }, 0.3)).toEqual([5, 2]);
    expect(jointBits(start, { loss, bytes: bytesOf([100, 1]) }, 0.3)).toEqual([2, 5]);
    expect(jointBits(start, { loss, bytes: bytesOf([1, 1]) }, 1e-5)).toBeNull();
    expect(jointBits(start, { loss: () => Number.NaN, bytes: bytesOf([1, 1]) }, 1)).toBeNull();
  });

  it('ends, within what may be lost or with null, whatever was measured', () => {
    const bits = fc.array(fc.constantFrom(...crossingBits), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(
        bits,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 8 }),
        (alone, drawn) => {
          const loss = (own: readonly CrossingBits[]): number =>
            drawn[own.reduce<number>((sum, value) => sum * 7 + value, 0) % drawn.length] ?? 0;
          const found = jointBits(alone, { loss, bytes: bytesOf([1, 2, 3]) }, 0.3);
          if (found !== null) expect(loss(found)).toBeLessThanOrEqual(0.3);
        },
      ),
    );
  });
});
