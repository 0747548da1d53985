import type { AgentPlan, DeviceId, Party } from '@tandem/core';
import type { Deployment } from '../gateway/deployment.ts';

/** The part of a deployment that concerns one device. */
export function agentPlanOf(deployment: Deployment, device: DeviceId): AgentPlan {
  const { version, requestTimeoutSeconds, queue, stages, routes } = deployment;
  const departures = new Map<string, Party[]>();
  for (const { tensor, from, to } of routes) {
    if (from === device) departures.set(tensor, [...(departures.get(tensor) ?? []), to]);
  }
  return {
    version,
    requestTimeoutSeconds,
    queue,
    stages: stages
      .filter((stage) => stage.device === device)
      .map(({ stage, inputs, outputs }) => ({ stage, inputs, outputs })),
    arrivals: routes.filter(({ to }) => to === device).map(({ tensor, from }) => ({ tensor, from })),
    departures: [...departures].map(([tensor, to]) => ({ tensor, to })),
  };
}
