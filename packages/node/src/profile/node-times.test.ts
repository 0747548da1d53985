import { describe, expect, it } from 'vitest';
import { runsOf } from './node-times.ts';

const kernel = (name: string, dur: number) => ({ cat: 'Node', name: `${name}_kernel_time`, dur });
const end = { cat: 'Session', name: 'model_run', dur: 9 };

describe('runsOf', () => {
  it.each([
    {
      what: 'nodes by id',
      events: [kernel('tandem0', 2), kernel('tandem12', 3), end],
      runs: [
        [
          [0, 2],
          [12, 3],
        ],
      ],
    },
    {
      what: 'names that the runtime changed',
      events: [kernel('tandem3_nchwc', 2), kernel('fused tandem4', 1), end],
      runs: [
        [
          [3, 2],
          [4, 1],
        ],
      ],
    },
    {
      what: 'kernels that are called after the tensor that they yield',
      events: [kernel('relu/out_nchwc', 2), end],
      runs: [[[7, 2]]],
    },
    {
      what: 'added nodes with the one before them',
      events: [kernel('tandem5', 2), kernel('ReorderOutput', 3), end],
      runs: [[[5, 5]]],
    },
    {
      what: 'runs apart from each other',
      events: [kernel('tandem1', 1), end, kernel('tandem1', 4), end],
      runs: [[[1, 1]], [[1, 4]]],
    },
    {
      what: 'no other events and no unfinished run',
      events: [{ cat: 'Node', name: 'tandem1_fence_before', dur: 7 }, {}, end, kernel('tandem1', 1)],
      runs: [[]],
    },
  ])('keeps $what', ({ events, runs }) => {
    expect(runsOf(events, new Map([['relu/out', 7]])).map((run) => [...run])).toEqual(runs);
  });
});
