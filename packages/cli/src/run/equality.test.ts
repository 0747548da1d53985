import { createRandom, randomGraph } from '@tandem/core';
import { describe, expect, it } from 'vitest';
import { judgeEquality } from './equality.ts';

const single = randomGraph(createRandom(1), { kind: 'chain', nodes: 3 });
const half = {
  ...single,
  tensors: single.tensors.map((tensor) => ({ ...tensor, type: 'float16' as const })),
};
const difference = (relative: number, sameTop1 = true) => ({
  identical: relative === 0,
  maxAbsoluteDifference: relative * 10,
  maxRelativeDifference: relative,
  sameTop1,
});

describe('judgeEquality', () => {
  it.each([
    ['basic, identical', difference(0), 'basic', single, 'b', true],
    ['basic, one bit off', difference(1e-7), 'basic', single, 'b', false],
    ['default, within 1e-5', difference(9e-6), 'all', single, 'c', true],
    ['default, beyond 1e-5', difference(2e-5), 'all', single, 'c', false],
    ['default, another top-1', difference(1e-6, false), 'all', single, 'c', false],
    ['fp16, within 2e-3', difference(1e-3), 'all', half, 'c', true],
    ['fp16 is never judged bit for bit', difference(1e-3), 'basic', half, 'c', true],
  ] as const)('%s', (_, found, optimisation, graph, kind, holds) => {
    expect(judgeEquality(found, optimisation, graph, [])).toMatchObject({ kind, holds });
  });

  it.each([true, false])('coded, the same top-1: %s', (sameTop1) => {
    expect(judgeEquality(difference(0.3, sameTop1), 'basic', single, ['affine4'])).toEqual({
      kind: 'lossy',
      maxAbsoluteDifference: 3,
      sameTop1,
      holds: sameTop1,
      rule: 'the same top-1 (affine4: lossy)',
    });
  });
});
