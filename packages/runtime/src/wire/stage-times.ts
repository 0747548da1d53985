import type { Seconds } from '@tandem/core';

/** How long a stage took for a request. */
export interface StageTimes {
  readonly stage: number;
  readonly computeSeconds: Seconds;
  readonly busySeconds: Seconds;
  /** From the last input's arrival to the start. */
  readonly queueSeconds: Seconds;
}
