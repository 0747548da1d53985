import { describe, expect, it } from 'vitest';
import { neverAborted } from '../conformance.ts';
import { virtualClock } from '../virtual-clock.ts';
import { executorConformance } from './conformance.ts';
import type { TensorValue } from './executor.ts';
import { type NullSegment, nullExecutor } from './null-executor.ts';
import { pacedExecutor } from './paced-executor.ts';

const half: NullSegment = {
  inputs: ['x'],
  outputs: [
    { name: 'y', type: 'float32', shape: [1, 3, 2] },
    { name: 'mask', type: 'uint4', shape: [3] },
  ],
};

const setup = {
  segment: { digest: 'a', model: { bytes: new Uint8Array(0), weights: null } },
  createInputs: (): TensorValue[] => [{ name: 'x', type: 'bool', shape: [2], data: new Uint8Array(2) }],
  outputs: ['y', 'mask'],
  unusable: { digest: 'unknown', model: { path: '/nowhere' } },
};

describe('null executor', () => {
  const conformance = executorConformance({
    ...setup,
    createExecutor: () => nullExecutor({ segments: { a: half } }),
  });
  it.each(conformance)('$name', ({ run }) => run());

  it('answers zeros in the shapes stated, types below a byte packed', async () => {
    const loaded = await nullExecutor({ segments: () => half }).load(setup.segment, {
      signal: neverAborted(),
    });
    const { outputs } = await loaded.run(setup.createInputs(), neverAborted());
    expect(outputs.map(({ data }) => data.length)).toEqual([24, 2]);
  });

  it('answers what the caller makes of the inputs', async () => {
    const executor = nullExecutor({ segments: { a: half }, respond: (_segment, inputs) => inputs });
    const loaded = await executor.load(setup.segment, { signal: neverAborted() });
    const inputs = setup.createInputs();
    expect((await loaded.run(inputs, neverAborted())).outputs).toEqual(inputs);
  });
});

describe('paced executor', () => {
  const conformance = executorConformance({
    ...setup,
    createExecutor: () => pacedExecutor(nullExecutor({ segments: { a: half } }), virtualClock()),
  });
  it.each(conformance)('$name', ({ run }) => run());
});
