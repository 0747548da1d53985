import type { Problem } from '../../plan/problem.ts';
import { ChainCosts } from '../chain/chain-costs.ts';

/**
 * COINFER's figures are of ViT-H/14, whose 32 blocks with what stands around them make 36; with few devices twice as many cost no more
 * (the search grows with units × devices²), and leave most networks their every element.
 */
const mostUnits = { few: 72, many: 36 } as const;
const fewDevices = 8;

/** The chain of segments that COINFER places. */
export function segments(problem: Problem): ChainCosts {
  const isSmall = problem.cluster.devices.length <= fewDevices;
  return ChainCosts.of(problem, isSmall ? mostUnits.few : mostUnits.many);
}
