import { type DeviceId, stagesToRun } from '@tandem/core';
import { isAnswer } from './copy-routes.ts';
import type { Deployment } from './deployment.ts';
import type { PendingRequest } from './pending-request.ts';
import type { Suffix } from './repaired-deployment.ts';

/** Who holds which tensors of a request. */
export type Holdings = ReadonlyMap<number, ReadonlyMap<string, readonly DeviceId[]>>;

export interface SuffixGroup {
  readonly suffix: Omit<Suffix, 'version'>;
  readonly members: PendingRequest[];
}

/** Requests that go on from the same tensors at the same holders, together. */
export function suffixGroups(
  whole: Deployment,
  pendings: readonly PendingRequest[],
  holdings: Holdings,
  alive: ReadonlySet<DeviceId>,
): readonly SuffixGroup[] {
  const stages = [...new Map(whole.stages.map((stage) => [stage.stage, stage])).values()];
  const inputs = new Set(whole.routes.flatMap(({ tensor, from }) => (from === null ? [tensor] : [])));
  const outputs = new Set(whole.routes.flatMap((route) => (isAnswer(route) ? [route.tensor] : [])));
  const groups = new Map<string, SuffixGroup>();
  for (const pending of pendings) {
    const { arrived, deployment } = pending;
    const held = holdings.get(pending.number) ?? new Map<string, readonly DeviceId[]>();
    const holdersOf = (tensor: string): readonly DeviceId[] =>
      (held.get(tensor) ?? []).filter((device) => alive.has(device));
    const wanted = [...outputs].filter((tensor) => !arrived.has(tensor));
    const isLive = (tensor: string): boolean =>
      inputs.has(tensor) || pending.keeps(tensor) || holdersOf(tensor).length > 0;
    const breakpoint = stagesToRun(stages, wanted, isLive);
    if (breakpoint === null || breakpoint.run.length === stages.length) continue;
    const run = new Set(breakpoint.run);
    const holders = new Map<string, DeviceId>();
    for (const tensor of breakpoint.from) {
      const reader = stages.find((stage) => run.has(stage.stage) && stage.inputs.includes(tensor))?.device;
      const own = holdersOf(tensor).toSorted();
      const holder = own.find((device) => device === reader) ?? own[0];
      if (holder !== undefined && !inputs.has(tensor)) holders.set(tensor, holder);
    }
    const key = JSON.stringify([breakpoint.run, [...holders], [...arrived].sort()]);
    const isMaker = (tensor: string, device: DeviceId): boolean =>
      deployment.stages.some((stage) => stage.device === device && stage.outputs.includes(tensor));
    const group = groups.get(key) ?? { suffix: { run, holders, arrived, isMaker }, members: [] };
    group.members.push(pending);
    groups.set(key, group);
  }
  return [...groups.values()];
}
