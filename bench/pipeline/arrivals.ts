import { createRandom } from '@tandem/core';
import type { PipelineCase } from './pipeline-case.ts';

/** When the case's requests come, in seconds from the start. */
export function plannedArrivals({ arrivals, requests }: PipelineCase): number[] {
  if (arrivals.kind === 'batch') return Array.from({ length: requests }, () => 0);
  const gap = 1 / arrivals.perSecond;
  if (arrivals.kind === 'periodic') return Array.from({ length: requests }, (_, index) => index * gap);
  const random = createRandom(arrivals.seed);
  let now = 0;
  return Array.from({ length: requests }, () => {
    now -= gap * Math.log(1 - random.next());
    return now;
  });
}
