import { describe, expect, it } from 'vitest';
import { neverAborted } from '../conformance.ts';
import type { LoadedSegment, TensorValue } from './executor.ts';
import { nullExecutor } from './null-executor.ts';
import { runInSequence } from './run-in-sequence.ts';

const signal = neverAborted();

const tensor = (name: string, value: number): TensorValue => ({
  name,
  type: 'uint8',
  shape: [1],
  data: Uint8Array.of(value),
});

/** Adds its inputs into each output, and spoils them as a run may. */
function adder(inputs: readonly string[], outputs: readonly string[]): Promise<LoadedSegment> {
  const executor = nullExecutor({
    segments: () => ({ inputs, outputs: outputs.map((name) => ({ name, type: 'uint8', shape: [1] })) }),
    respond: (_segment, given) => {
      const sum = given.reduce((total, { data }) => total + (data[0] ?? 0), 0);
      for (const { data } of given) data.fill(0);
      return outputs.map((name) => tensor(name, sum));
    },
  });
  return executor.load({ digest: 'a', model: { path: '' } }, { signal });
}

describe('runInSequence', () => {
  it('hands each segment what it needs by name, also when several need the same', async () => {
    const segments = await Promise.all([
      adder(['x'], ['a']),
      adder(['x', 'a'], ['b']),
      adder(['b', 'a', 'x'], ['y']),
    ]);
    const inputs = [tensor('x', 3)];
    const outputs = await runInSequence(segments, inputs, ['y', 'a', 'x'], signal);
    expect(outputs.map(({ name, data }) => [name, data[0]])).toEqual([
      ['y', 12],
      ['a', 3],
      ['x', 3],
    ]);
  });

  it('names a tensor that nothing makes', async () => {
    const segments = [await adder(['a'], ['b'])];
    await expect(runInSequence(segments, [tensor('x', 1)], ['b'], signal)).rejects.toThrow(
      'tensor a; there are x',
    );
    await expect(runInSequence([], [tensor('x', 1)], ['y'], signal)).rejects.toMatchObject({
      name: 'ExecutionError',
    });
  });
});
