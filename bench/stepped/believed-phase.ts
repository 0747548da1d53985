import type { Phase } from './course-figures.ts';

/** A phase in which all went as it should, with these figures. */
export function believedPhase({
  megabitsPerSecond,
  simulated,
  requestsPerSecond,
  meanBits,
}: Pick<Phase, 'megabitsPerSecond' | 'simulated'> &
  Pick<Phase['measured'], 'requestsPerSecond' | 'meanBits'>): Phase {
  return {
    megabitsPerSecond,
    simulated,
    measured: {
      kind: 'phase',
      requestsPerSecond,
      meanBits,
      failed: 0,
      firstError: null,
      differing: 0,
      deviceSlowdown: 1,
      serverShare: 0,
    },
  };
}
