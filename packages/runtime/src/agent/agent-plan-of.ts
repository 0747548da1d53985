import type { AgentPlan, DeviceId, TicketShare } from '@tandem/core';
import type { Deployment } from '../gateway/deployment.ts';

/** The part of a deployment that concerns one device. */
export function agentPlanOf(deployment: Deployment, device: DeviceId): AgentPlan {
  const { version, requestTimeoutSeconds, queue, priority, stages, routes, repair } = deployment;
  return {
    version,
    requestTimeoutSeconds,
    queue,
    ...(priority === undefined ? {} : { priority }),
    ...(repair === undefined ? {} : { repair }),
    stages: stages
      .filter((stage) => stage.device === device)
      .map(({ stage, inputs, outputs, ...rest }) => ({ stage, inputs, outputs, ...shareOf(rest) })),
    arrivals: routes
      .filter(({ to }) => to === device)
      .map(({ tensor, from, ...rest }) => ({ tensor, from, ...shareOf(rest) })),
    departures: routes
      .filter(({ from, to }) => from === device && to !== device)
      .map(({ tensor, to, ...rest }) => ({ tensor, to: [to], ...shareOf(rest) })),
  };
}

/** Nothing where all tickets are meant. */
export function shareOf({ share }: { readonly share?: TicketShare }): { readonly share?: TicketShare } {
  return share === undefined ? {} : { share };
}
