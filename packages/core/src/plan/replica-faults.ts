import { longestPattern } from './mix.ts';
import type { Plan, Stage } from './plan.ts';
import { hasReplicas, replicaPeriod } from './plan-ways.ts';

export const mostReplicas = 16;

/** What is wrong with the replicas of a plan's stages, one sentence each; whether their devices are the cluster's is asked elsewhere. */
export function replicaFaults({
  stages,
  mix,
  policies,
}: Pick<Plan, 'stages' | 'mix' | 'policies'>): string[] {
  const variants = mix?.variants ?? [];
  if (!hasReplicas([...stages, ...variants.flatMap((way) => way.stages)])) return [];
  if (mix !== undefined || policies !== undefined) {
    const other = mix === undefined ? 'policies' : 'a mix';
    return [`The plan has replicas and ${other}, expected one of them: each says how requests take turns.`];
  }
  const faults = stages.flatMap((stage, index) => stageFaults(stage, index));
  if (faults.length > 0) return faults;
  const period = replicaPeriod(stages);
  if (period <= longestPattern) return [];
  return [
    `The replicas of the plan take turns in a pattern of ${period} requests, expected at most ${longestPattern}: give their weights few common sums.`,
  ];
}

function stageFaults({ device, replicas = [{ device, weight: 1 }] }: Stage, index: number): string[] {
  if (replicas.length === 0 || replicas.length > mostReplicas)
    return [`Stage ${index} has ${replicas.length} replicas, expected 1 to ${mostReplicas}.`];
  const [first] = replicas;
  if (first?.device !== device)
    return [
      `The first replica of stage ${index} is on '${first?.device}', expected '${device}', its device.`,
    ];
  if (new Set(replicas.map((replica) => replica.device)).size < replicas.length)
    return [`Stage ${index} has two replicas on one device.`];
  const wrong = replicas.find(({ weight }) => !(weight > 0 && Number.isFinite(weight)));
  if (wrong === undefined) return [];
  return [`The replica of stage ${index} on '${wrong.device}' weighs ${wrong.weight}, expected above 0.`];
}
