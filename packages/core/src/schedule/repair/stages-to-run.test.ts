import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type StageTensors, stagesToRun } from './stages-to-run.ts';

const chain: readonly StageTensors[] = [
  { stage: 0, inputs: ['x'], outputs: ['h', 'k'] },
  { stage: 1, inputs: ['h'], outputs: ['i'] },
  { stage: 2, inputs: ['i', 'k'], outputs: ['y'] },
];

describe('stagesToRun', () => {
  it.each([
    { live: ['x'], run: [0, 1, 2], from: ['x'] },
    { live: ['x', 'h', 'k'], run: [1, 2], from: ['h', 'k'] },
    { live: ['x', 'i', 'k'], run: [2], from: ['i', 'k'] },
    // Without k, what was made of h counts for nothing but itself.
    { live: ['x', 'i'], run: [0, 2], from: ['i', 'x'] },
    { live: ['x', 'y'], run: [], from: ['y'] },
  ])('goes on from $live', ({ live, run, from }) => {
    expect(stagesToRun(chain, ['y'], (tensor) => live.includes(tensor))).toEqual({ run, from });
  });

  it('says when something is wanted that is gone for good', () => {
    expect(stagesToRun(chain, ['y'], (tensor) => tensor === 'h')).toBeNull();
  });

  it('runs no more than any cut with live boundaries would, and all that is needed', () => {
    fc.assert(
      fc.property(dags, ({ stages, wanted, live }) => {
        const isLive = (tensor: string): boolean => live.has(tensor);
        const breakpoint = stagesToRun(stages, wanted, isLive);
        const run = new Set(breakpoint?.run);
        const made = new Set(stages.filter(({ stage }) => run.has(stage)).flatMap(({ outputs }) => outputs));
        const has = (tensor: string): boolean => made.has(tensor) || isLive(tensor);
        for (const { stage, inputs } of stages) if (run.has(stage)) expect(inputs.every(has)).toBe(true);
        expect(wanted.every(has)).toBe(true);
        for (const rest of cutsWithLiveBoundary(stages, wanted, isLive))
          expect([...run].every((stage) => rest.has(stage))).toBe(true);
      }),
    );
  });
});

interface Dag {
  readonly stages: readonly StageTensors[];
  readonly wanted: readonly string[];
  readonly live: ReadonlySet<string>;
}

/** Up to six stages, each of which reads the input or what stages before it made. */
const dags: fc.Arbitrary<Dag> = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 2 }), fc.array(fc.nat(20), { minLength: 1, maxLength: 3 })), {
    minLength: 1,
    maxLength: 6,
  })
  .chain((shapes) => {
    const tensors = ['x'];
    const stages = shapes.map(([makes, reads], stage): StageTensors => {
      const inputs = [...new Set(reads.map((at) => tensors[at % tensors.length] ?? 'x'))];
      const outputs = Array.from({ length: makes }, (_, index) => `t${stage}.${index}`);
      tensors.push(...outputs);
      return { stage, inputs, outputs };
    });
    const made = tensors.slice(1);
    const wanted = fc.subarray(made, { minLength: 1 });
    const live = fc.subarray(made).map((some) => new Set(['x', ...some]));
    return fc.record({ stages: fc.constant(stages), wanted, live });
  });

/** By brute force: what is left behind each downward-closed set of stages whose boundary tensors are all live. */
function cutsWithLiveBoundary(
  stages: readonly StageTensors[],
  wanted: readonly string[],
  isLive: (tensor: string) => boolean,
): Set<number>[] {
  const makerOf = (tensor: string): number =>
    stages.find(({ outputs }) => outputs.includes(tensor))?.stage ?? -1;
  const found: Set<number>[] = [];
  for (let mask = 0; mask < 2 ** stages.length; mask++) {
    const isDone = (stage: number): boolean => stage < 0 || Math.floor(mask / 2 ** stage) % 2 === 1;
    const done = stages.filter(({ stage }) => isDone(stage));
    const rest = stages.filter(({ stage }) => !isDone(stage));
    const isClosed = done.every(({ inputs }) => inputs.every((tensor) => isDone(makerOf(tensor))));
    const boundary = [...rest.flatMap(({ inputs }) => inputs), ...wanted].filter((tensor) =>
      isDone(makerOf(tensor)),
    );
    if (isClosed && boundary.every(isLive)) found.push(new Set(rest.map(({ stage }) => stage)));
  }
  return found;
}
