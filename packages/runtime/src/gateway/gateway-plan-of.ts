import type { DeviceId, GatewayClass, GatewayPlan } from '@tandem/core';
import { shareOf } from '../agent/agent-plan-of.ts';
import { isAnswer } from './copy-routes.ts';
import type { Deployment } from './deployment.ts';

/** How the gateway lets requests of a deployment in. */
export interface Admission {
  /** Requests in flight at once, answers that were not taken included. @default scheduleDefaults.window */
  readonly window?: number;
  /** Requests that wait before that; further ones are refused with ResourceError, or take the place of less important ones. @default scheduleDefaults.waiting */
  readonly waiting?: number;
  /** Bounds of their own for requests of different priorities. @default one class */
  readonly classes?: readonly GatewayClass[];
  /** True: answers are handed out in the order of admission. @default false */
  readonly ordered?: boolean;
  /** GatewayPlan.follows */
  readonly follows?: number;
}

/** The gateway's part of a deployment. */
export function gatewayPlanOf(deployment: Deployment, admission: Admission): GatewayPlan {
  const { version, requestTimeoutSeconds, queue, priority, routes, repair } = deployment;
  return {
    ...admission,
    version,
    requestTimeoutSeconds,
    queue,
    ...(priority === undefined ? {} : { priority }),
    inputs: routes.flatMap(({ tensor, from, to, ...rest }) =>
      from === null && to !== null ? [{ tensor, to, ...shareOf(rest) }] : [],
    ),
    outputs: routes.filter(isAnswer).map(({ tensor, from, ...rest }) => ({ tensor, from, ...shareOf(rest) })),
    adoptions: routes.flatMap(({ tensor, from, to, ...rest }) =>
      from !== null && from === to ? [{ tensor, to, ...shareOf(rest) }] : [],
    ),
    repairable: repair !== undefined,
    devices: [...devicesOf(deployment)],
  };
}

/** Every device that takes part. */
export function devicesOf({ stages, routes }: Deployment): ReadonlySet<DeviceId> {
  const named = [...stages.map(({ device }) => device), ...routes.flatMap(({ from, to }) => [from, to])];
  return new Set(named.filter((device) => device !== null));
}
