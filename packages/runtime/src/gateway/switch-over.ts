import { type Device, deviceMemory, type Plan, type Problem, ResourceError } from '@tandem/core';
import type { SegmentSource } from '../segment/segment.ts';
import type { DeployOptions } from './deploy-options.ts';
import type { LoadedStage } from './deployer.ts';
import type { Deployment } from './deployment.ts';
import type { Gateway } from './gateway.ts';

export interface SwitchOverOptions extends DeployOptions {
  readonly problem: Problem;
  /** What answers now. */
  readonly before: Plan;
  /** Of a version of its own; `deployment` is made from it. */
  readonly after: Plan;
}

/**
 * Gives one plan's place to another without dropping a request: the new one loads beside the old, takes the requests that come from then on,
 * and the old one is withdrawn when those that began under it have ended, which is when this resolves. Throws ResourceError, before anything
 * is sent, where a device cannot hold both; where the new one cannot be deployed, the old one goes on.
 */
export async function switchOver(
  gateway: Pick<Gateway, 'deploy' | 'withdraw'>,
  deployment: Deployment,
  segments: ReadonlyMap<string, SegmentSource>,
  { problem, before, after, ...options }: SwitchOverOptions,
): Promise<readonly LoadedStage[]> {
  for (const device of problem.cluster.devices) requireRoom(problem, device, before, after);
  const loaded = await gateway.deploy(deployment, segments, options);
  await gateway.withdraw(before.version, options.signal);
  return loaded;
}

/** One process holds both, so what the model runtime itself takes counts once. */
function requireRoom(problem: Problem, device: Device, before: Plan, after: Plan): void {
  const [old, next] = [before, after].map((plan) => deviceMemory(problem, plan, device.id));
  if (old === undefined || next === undefined) return;
  const both = old.memoryBytes + next.memoryBytes - Math.min(old.overheadBytes, next.overheadBytes);
  if (both <= device.memoryBytes) return;
  throw new ResourceError(
    `device ${device.id} needs ${both} bytes to hold version ${after.version} beside version ${before.version}, and has ${device.memoryBytes}`,
    'Withdraw the version that answers first, and requests wait meanwhile; or plan with less on this device.',
  );
}
