import type { CollectOptions } from './collect.ts';

/** What `bench predict-kernels` times and the shipped predictor learns from. */
export const everything: CollectOptions = {
  passes: 6,
  threads: 1,
  networks: [],
  share: 1,
  networkKernels: 400,
  blocks: 180,
  segments: 10,
};
