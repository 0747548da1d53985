import type { Answer } from '@tandem/runtime';
import type { StageUse } from './gateway-lines.ts';

/** Means over answers, by stage. */
export function stageUses(answers: readonly Answer[]): StageUse[] {
  const uses = new Map<number, { requests: number; busySeconds: number; computeSeconds: number }>();
  for (const { stages } of answers) {
    for (const { stage, busySeconds, computeSeconds } of stages) {
      const use = uses.get(stage) ?? { requests: 0, busySeconds: 0, computeSeconds: 0 };
      uses.set(stage, use);
      use.requests++;
      use.busySeconds += busySeconds;
      use.computeSeconds += computeSeconds;
    }
  }
  return [...uses].map(([stage, { requests, busySeconds, computeSeconds }]) => {
    return {
      stage,
      requests,
      busySeconds: busySeconds / requests,
      computeSeconds: computeSeconds / requests,
    };
  });
}
