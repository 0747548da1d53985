import type { SmallPlan } from './pipeline-harness.ts';

/** One input and one output, both at a. */
export const ends = { inputs: ['x'], outputs: ['y'], source: 'a', sink: 'a' } as const;

/** Plans of every shape that the schedule has to carry. */
export const smallPlans: Readonly<Record<string, SmallPlan>> = {
  'all on one device': {
    ...ends,
    stages: [{ device: 'a', inputs: ['x'], outputs: ['y'] }],
  },
  'all on another device': {
    ...ends,
    stages: [{ device: 'b', inputs: ['x'], outputs: ['y'] }],
  },
  'a to b, the answer at b': {
    ...ends,
    sink: 'b',
    stages: [
      { device: 'a', inputs: ['x'], outputs: ['h'] },
      { device: 'b', inputs: ['h'], outputs: ['y'] },
    ],
  },
  'a to b and back to a': {
    ...ends,
    stages: [
      { device: 'a', inputs: ['x'], outputs: ['h', 'k'] },
      { device: 'b', inputs: ['h'], outputs: ['i'] },
      { device: 'a', inputs: ['i', 'k'], outputs: ['y'] },
    ],
  },
  'branch to b and c, join at a': {
    ...ends,
    stages: [
      { device: 'a', inputs: ['x'], outputs: ['h', 'skip'] },
      { device: 'b', inputs: ['h'], outputs: ['left'] },
      { device: 'c', inputs: ['h', 'skip'], outputs: ['right', 'side'] },
      { device: 'a', inputs: ['left', 'right', 'side', 'h'], outputs: ['y'] },
    ],
  },
  'two inputs, three outputs, one of them used on': {
    inputs: ['x', 'z'],
    outputs: ['y', 'h', 'z'],
    source: 'a',
    sink: 'c',
    stages: [
      { device: 'b', inputs: ['x', 'z'], outputs: ['h'] },
      { device: 'c', inputs: ['h', 'z'], outputs: ['y'] },
    ],
  },
  'tensors of a megabyte': {
    ...ends,
    elements: 2 ** 20,
    stages: [
      { device: 'a', inputs: ['x'], outputs: ['h'] },
      { device: 'b', inputs: ['h'], outputs: ['y'] },
    ],
  },
};
