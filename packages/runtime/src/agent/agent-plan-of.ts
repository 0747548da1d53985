import type { AgentPlan, AgentStage, DeviceId, TicketShare } from '@tandem/core';
import type { DeployedBatch, Deployment } from '../gateway/deployment.ts';

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
      .map(({ stage, inputs, outputs, batch, p99Seconds, ...rest }) => ({
        stage,
        inputs,
        outputs,
        ...(p99Seconds === undefined ? {} : { p99Seconds }),
        ...shareOf(rest),
        ...batchOf(batch),
      })),
    arrivals: routes
      .filter(({ to }) => to === device)
      .map(({ tensor, from, ...rest }) => ({ tensor, from, ...shareOf(rest) })),
    departures: routes
      .filter(({ from, to }) => from === device && to !== device)
      .map(({ tensor, to, ...rest }) => ({ tensor, to: [to], ...shareOf(rest) })),
  };
}

function batchOf(
  batch: DeployedBatch | undefined,
): Pick<AgentStage, 'batch' | 'batchWaitSeconds' | 'batchRestSeconds'> {
  if (batch === undefined) return {};
  const { requests, waitSeconds, restSeconds } = batch;
  return { batch: requests, batchWaitSeconds: waitSeconds, batchRestSeconds: restSeconds };
}

/** Nothing where all tickets are meant. */
export function shareOf({ share }: { readonly share?: TicketShare }): { readonly share?: TicketShare } {
  return share === undefined ? {} : { share };
}
