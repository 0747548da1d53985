import { expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import { softmaxAnswer, softmaxRegression } from './softmax-regression.ts';

it('finds the classes of clouds, whatever the scale and offset of the columns, and is the same again', () => {
  const random = createRandom(5);
  const centres = [
    [0, 1000],
    [1, 1000],
    [0, 1003],
  ];
  const classes = Array.from({ length: 300 }, (_, row) => row % 3);
  const features = Float32Array.from(
    classes.flatMap((own) => (centres[own] ?? []).map((value, at) => value + (at + 1) * 0.2 * random.next())),
  );
  const data = { features, columns: 2, classes, count: 3 };
  const weights = softmaxRegression(data);
  const answers = classes.map((_own, row) => softmaxAnswer(weights, features.subarray(row * 2, row * 2 + 2)));
  expect(answers.map(({ row }) => row)).toEqual(classes);
  expect(Math.min(...answers.map(({ confidence }) => confidence))).toBeGreaterThan(0.6);
  expect(softmaxRegression(data)).toEqual(weights);
});

it('says how often classes are right where features say nothing', () => {
  const classes = [0, 0, 0, 1];
  const weights = softmaxRegression({ features: new Float32Array(4).fill(7), columns: 1, classes, count: 2 });
  const { row, confidence } = softmaxAnswer(weights, [7]);
  expect(row).toBe(0);
  expect(confidence).toBeCloseTo(0.75, 2);
});
