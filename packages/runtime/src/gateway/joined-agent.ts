import type { DeviceId } from '@tandem/core';

export interface JoinedAgent {
  readonly device: DeviceId;
  readonly address: string;
  /** 0 where the agent's platform has none. */
  readonly pid: number;
  readonly agentVersion: string;
  readonly runtime: string;
}
