import type { TensorValue } from '@tandem/runtime';
import { describe, expect, it } from 'vitest';
import { topLabels } from './top-labels.ts';

const output = (...values: number[]): TensorValue => ({
  name: 'scores',
  type: 'float32',
  shape: [1, values.length],
  data: new Uint8Array(Float32Array.from(values).buffer),
});

describe('topLabels', () => {
  it('turns logits into probabilities, large ones too', () => {
    const [first, second] = topLabels(
      output(1000, 1000 + Math.log(3)),
      { outputs: 'logits', labels: ['cat', 'dog'] },
      5,
    );
    expect(first).toMatchObject({ index: 1, label: 'dog' });
    expect(first?.probability).toBeCloseTo(0.75, 4);
    expect(second).toMatchObject({ index: 0, label: 'cat' });
  });

  it('takes probabilities as they are, ties by index, names what has no label', () => {
    expect(topLabels(output(0.25, 0.5, 0.25), { outputs: 'softmax' }, 2)).toEqual([
      { index: 1, label: 'class 1', probability: 0.5 },
      { index: 0, label: 'class 0', probability: 0.25 },
    ]);
  });

  it('puts what is not a number last', () => {
    const order = topLabels(output(Number.NaN, 0.1, Number.NaN, 0.9), { outputs: 'softmax' }, 4);
    expect(order.map(({ index }) => index)).toEqual([3, 1, 0, 2]);
  });
});
