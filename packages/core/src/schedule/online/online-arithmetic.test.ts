import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requiredBits } from '../../calibrate/required-bits.ts';
import { type AffineBits, affineBits } from '../../codec/codec.ts';
import { InvalidInputError } from '../../errors.ts';
import { chooseBits, type Pace } from '../../plan/choose-bits.ts';
import { expectedBitsPerSecond, withTransfer } from './bandwidth-estimate.ts';
import { CentreComparison } from './centre-comparison.ts';
import { LabelCentres } from './label-centres.ts';
import { featureLayout, featureSize, poolFeature } from './pooled-feature.ts';
import { mostSeparability, separability } from './separability.ts';

function pooled(shapes: readonly (readonly number[])[], tensors: readonly (readonly number[])[]) {
  const layouts = shapes.map(featureLayout);
  const out = new Float32Array(featureSize(layouts));
  const isFinite = poolFeature(
    layouts,
    tensors.map((values) => Float32Array.from(values)),
    out,
  );
  return { isFinite, values: [...out] };
}

describe('poolFeature', () => {
  it.each([
    { what: '(C, H, W)', shapes: [[1, 2, 1, 3]], tensors: [[1, 2, 3, 4, 5, 6]], expected: [2, 5] },
    { what: '(C, D, H, W)', shapes: [[1, 1, 2, 1, 2]], tensors: [[1, 2, 3, 6]], expected: [3] },
    { what: '(T, d)', shapes: [[1, 3, 2]], tensors: [[1, 2, 3, 4, 5, 6]], expected: [3, 4] },
    { what: '(C)', shapes: [[1, 3]], tensors: [[1, 2, 3]], expected: [1, 2, 3] },
    {
      what: 'several tensors, each scaled to length 1',
      shapes: [
        [1, 1, 2, 2],
        [1, 2],
      ],
      tensors: [
        [1, 2, 3, 6],
        [3, 4],
      ],
      expected: [1, 0.6, 0.8].map(Math.fround),
    },
  ])('takes the mean of each channel of $what', ({ shapes, tensors, expected }) => {
    expect(pooled(shapes, tensors)).toEqual({ isFinite: true, values: expected });
  });

  it('of several tensors is the same whatever one of them is multiplied with, and of one is not', () => {
    const values = fc.array(fc.double({ min: 0, max: 4, noNaN: true }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(values, values, fc.integer({ min: 1, max: 6 }), (left, right, power) => {
        const scaled = left.map((value) => value * 2 ** power);
        const shapes = [
          [1, 3],
          [1, 3],
        ];
        expect(pooled(shapes, [scaled, right]).values).toEqual(pooled(shapes, [left, right]).values);
        const alone = pooled([[1, 3]], [scaled]).values;
        expect(alone).toEqual(scaled.map(Math.fround));
      }),
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('says that a feature with %d is not finite', (value) => {
    expect(pooled([[1, 2]], [[1, value]]).isFinite).toBe(false);
  });

  it.each([[[2, 3]], [[1]], [[]], [[1, 0]], [[1, -1, 2]], [[1, Number.NaN]]])(
    'refuses the shape %j',
    (shape) => {
      expect(() => featureLayout(shape)).toThrow(InvalidInputError);
    },
  );

  it('refuses values that do not fill the layouts', () => {
    expect(() => pooled([[1, 2]], [[1]])).toThrow(/have 1 values and the feature 2, expected 2 and 2/);
    expect(() => pooled([[1, 2]], [])).toThrow(InvalidInputError);
  });
});

const positive = fc.double({ min: 0.01, max: 1, noNaN: true });

describe('separability', () => {
  it('rises with the greatest similarity, falls with the second, and is never negative', () => {
    fc.assert(
      fc.property(positive, positive, positive, positive, (norm, first, second, other) => {
        const [low = 0, middle = 0, high = 0] = [first, second, other].toSorted(
          (left, right) => left - right,
        );
        const between = separability(norm, middle, low);
        expect(between).toBeGreaterThanOrEqual(0);
        if (high > middle * 1.001) expect(separability(norm, high, low)).toBeGreaterThan(between);
        if (middle > low * 1.001 && high > middle * 1.001)
          expect(separability(norm, high, low)).toBeGreaterThan(separability(norm, high, middle));
      }),
    );
  });

  it.each([
    { norm: 1, highest: 0, second: 0, expected: 0 },
    { norm: 1, highest: 1, second: 0, expected: mostSeparability },
    { norm: 1, highest: 0.5, second: 0.5, expected: 0 },
    { norm: 2, highest: 0.5, second: 0.25, expected: 1 },
    { norm: Number.NaN, highest: Number.NaN, second: 0, expected: 0 },
  ])('is $expected of $norm, $highest and $second', ({ norm, highest, second, expected }) => {
    expect(separability(norm, highest, second)).toBe(expected);
  });
});

function compared(rows: readonly (readonly number[])[], feature: readonly number[], counts = 5) {
  const centres = new LabelCentres(feature.length, { mostCount: 500, mostLabels: 100 });
  for (const [label, row] of rows.entries()) centres.add(label, counts, Float32Array.from(row));
  const comparison = new CentreComparison('clamped', 5);
  comparison.run(centres, Float32Array.from(feature));
  return comparison;
}

const vectors = fc.array(fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 6, maxLength: 6 }), {
  minLength: 2,
  maxLength: 7,
});
const vector = fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 6, maxLength: 6 });

describe('CentreComparison', () => {
  it('says what the definitions say', () => {
    fc.assert(
      fc.property(vectors, vector, (rows, feature) => {
        const norm = (values: readonly number[]): number => Math.hypot(...values);
        const similarities = rows.map((row) => {
          const product = row.reduce((sum, value, at) => sum + value * (feature[at] ?? 0), 0);
          return norm(row) === 0 || norm(feature) === 0
            ? 0
            : Math.max(0, product / (norm(row) * norm(feature)));
        });
        const [highest = 0, second = 0] = similarities.toSorted((left, right) => right - left);
        const found = compared(rows, feature);
        if (norm(feature) === 0) {
          expect([found.row, found.separability]).toEqual([-1, 0]);
          return;
        }
        expect(found.highest).toBeCloseTo(highest, 9);
        expect(found.second).toBeCloseTo(second, 9);
        expect(similarities[found.row]).toBeCloseTo(highest, 9);
        if (highest - second > 1e-6 && second > 1e-6)
          expect(found.separability / separability(norm(similarities), highest, second)).toBeCloseTo(1, 6);
        const nearest = rows[found.row] ?? [];
        const apart = norm(nearest.map((value, at) => value - (feature[at] ?? 0)));
        if (norm(nearest) > 0) expect(found.distance).toBeCloseTo(apart / norm(nearest), 6);
      }),
    );
  });

  it('does not depend on the length of the feature, and sees nothing in a centre that is there twice', () => {
    fc.assert(
      fc.property(vectors, vector, fc.constantFrom(2, 4, 0.5), (rows, feature, factor) => {
        const once = compared(rows, feature);
        const longer = compared(
          rows,
          feature.map((value) => value * factor),
        );
        expect(longer.separability).toBeCloseTo(once.separability, 9);
        expect(longer.highest).toBeCloseTo(once.highest, 9);
        expect(longer.row).toBe(once.row);
        expect(compared([...rows, rows[once.row] ?? []], feature).separability).toBe(0);
      }),
    );
  });

  it.each([
    { what: 'one label', rows: [[1, 0]], feature: [1, 0], counts: 5 },
    {
      what: 'labels seen too seldom',
      rows: [
        [1, 0],
        [0, 1],
      ],
      feature: [1, 0],
      counts: 4,
    },
    { what: 'no labels', rows: [], feature: [1, 0], counts: 5 },
    {
      what: 'a feature of NaN',
      rows: [
        [1, 0],
        [0, 1],
      ],
      feature: [Number.NaN, 0],
      counts: 5,
    },
    {
      what: 'an infinite feature',
      rows: [
        [1, 0],
        [0, 1],
      ],
      feature: [Number.POSITIVE_INFINITY, 0],
      counts: 5,
    },
    {
      what: 'a feature without direction',
      rows: [
        [1, 0],
        [0, 1],
      ],
      feature: [0, 0],
      counts: 5,
    },
    {
      what: 'a feature unlike all',
      rows: [
        [1, 0],
        [1, 1],
      ],
      feature: [-1, -1],
      counts: 5,
    },
  ])('says nothing about $what', ({ rows, feature, counts }) => {
    expect(compared(rows, feature, counts).separability).toBe(0);
  });

  it('takes (1 + cosine) / 2 where it is asked to', () => {
    const centres = new LabelCentres(2, { mostCount: 500, mostLabels: 100 });
    centres.add(1, 5, Float32Array.of(1, 0));
    centres.add(2, 5, Float32Array.of(-1, 0));
    const comparison = new CentreComparison('shifted', 5);
    comparison.run(centres, Float32Array.of(0, 3));
    expect([comparison.highest, comparison.second]).toEqual([0.5, 0.5]);
  });
});

describe('LabelCentres', () => {
  it('are the means of their answers, and moving averages from the count on that is the most', () => {
    const centres = new LabelCentres(1, { mostCount: 4, mostLabels: 10 });
    for (const value of [2, 4, 6, 8]) centres.update(3, Float32Array.of(value));
    expect([centres.matrix.rows[0]?.[0], centres.counts[0]]).toEqual([5, 4]);
    centres.update(3, Float32Array.of(10));
    expect([centres.matrix.rows[0]?.[0], centres.counts[0]]).toEqual([6, 4]);
    expect(centres.squares[0]).toBe(36);
  });

  it('leave out what is poisoned', () => {
    const centres = new LabelCentres(2, { mostCount: 500, mostLabels: 2 });
    expect(centres.update(0, Float32Array.of(1, 1))).toBe(true);
    for (const feature of [
      Float32Array.of(Number.NaN, 1),
      Float32Array.of(Number.POSITIVE_INFINITY, 1),
      Float32Array.of(1e6, 1e6),
      Float32Array.of(1),
    ])
      expect(centres.update(0, feature)).toBe(false);
    for (const label of [-1, 0.5, Number.NaN, 2 ** 60])
      expect(centres.update(label, Float32Array.of(1, 1))).toBe(false);
    expect(centres.update(1, Float32Array.of(1, 0))).toBe(true);
    expect(centres.update(2, Float32Array.of(1, 0))).toBe(false);
    expect(centres.matrix.rows.map((row) => [...row])).toEqual([
      [1, 1],
      [1, 0],
    ]);
  });
});

const bitsDrawn = fc.constantFrom<AffineBits>(...affineBits);
const paces = fc
  .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 8 }))
  .map(([slower, each]) => ({ slower, each }));
const paceOf = ({ slower, each }: { slower: number; each: number }, rate = 1): Pace => ({
  slowerSeconds: slower,
  transferSeconds: (bits) => (bits * each) / rate,
});

describe('chooseBits', () => {
  it('never goes below what is required, sets the pace for no precision, and sends no more over a slower link', () => {
    fc.assert(
      fc.property(bitsDrawn, bitsDrawn, paces, (least, offline, drawn) => {
        const pace = paceOf(drawn);
        for (const rule of ['fill', 'paper-min'] as const) {
          const bits = chooseBits(least, offline, pace, { rule });
          expect(bits).toBeGreaterThanOrEqual(least);
          expect(chooseBits(least, offline, paceOf(drawn, 0.5), { rule })).toBeLessThanOrEqual(bits);
        }
        const filled = chooseBits(least, offline, pace);
        const period = Math.max(pace.slowerSeconds, pace.transferSeconds(filled));
        expect(period).toBeLessThanOrEqual(Math.max(pace.slowerSeconds, pace.transferSeconds(least)));
      }),
    );
  });

  it.each([
    { rule: 'fill', slower: 9, least: 2, expected: 4 },
    { rule: 'fill', slower: 3, least: 2, expected: 2 },
    { rule: 'fill', slower: 3, least: 5, expected: 5 },
    { rule: 'fill', slower: 100, least: 2, expected: 8 },
    { rule: 'paper-min', slower: 9, least: 2, expected: 5 },
    { rule: 'paper-min', slower: 3, least: 4, expected: 4 },
    { rule: 'paper-min', slower: 100, least: 2, expected: 8 },
  ] as const)(
    "takes $expected bits by '$rule' where the slower takes $slower and $least are required",
    (row) => {
      expect(chooseBits(row.least, 6, paceOf({ slower: row.slower, each: 2 }), { rule: row.rule })).toBe(
        row.expected,
      );
    },
  );

  it('takes the bits of the plan where the bandwidth is not known, and the least where nothing comes through', () => {
    expect(chooseBits(3, 6, null)).toBe(6);
    const endless: Pace = { slowerSeconds: 1, transferSeconds: () => Number.POSITIVE_INFINITY };
    expect(chooseBits(3, 6, endless)).toBe(3);
  });
});

describe('requiredBits', () => {
  const thresholds = [
    { bits: 2, atLeast: 4 },
    { bits: 4, atLeast: 1 },
  ] as const;
  it.each([
    { score: 5, expected: 2 },
    { score: 4, expected: 2 },
    { score: 1, expected: 4 },
    { score: 0.5, expected: 6 },
    { score: 0, expected: 6 },
  ])('is $expected at a separability of $score', ({ score, expected }) => {
    expect(requiredBits(score, thresholds, 6)).toBe(expected);
  });

  it('is never more than the plan sends', () => {
    expect(requiredBits(1, [{ bits: 5, atLeast: 0.5 }], 4)).toBe(4);
  });
});

describe('the bandwidth that is expected', () => {
  it('falls at once, rises by and by, and never lies above 1.25 times the last transfer', () => {
    let estimate = withTransfer(null, 1000, 1);
    expect(expectedBitsPerSecond(estimate)).toBe(8000);
    estimate = withTransfer(estimate, 100, 1);
    expect(expectedBitsPerSecond(estimate)).toBe(1000);
    estimate = withTransfer(estimate, 1000, 1);
    const after = expectedBitsPerSecond(estimate) ?? 0;
    expect(after).toBeGreaterThan(1000);
    expect(after).toBeLessThan(8000);
    // After eight equal transfers what came before counts 1 / e.
    for (let count = 0; count < 7; count++) estimate = withTransfer(estimate, 1000, 1);
    const low = 8000 + (800 - 8000) * (1 - Math.exp(-1 / 8));
    expect(expectedBitsPerSecond(estimate)).toBeCloseTo(8000 + (low - 8000) / Math.E, 6);
  });

  it.each([
    [0, 1],
    [100, 0],
    [100, Number.NaN],
    [100, Number.POSITIVE_INFINITY],
    [Number.NaN, 1],
  ])('learns nothing from %d bytes in %d s', (size, taken) => {
    const before = withTransfer(null, 1000, 1);
    expect(withTransfer(before, size, taken)).toBe(before);
    expect(expectedBitsPerSecond(withTransfer(null, size, taken))).toBeNull();
  });
});
