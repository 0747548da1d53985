import type { Clock, DeviceId, Seconds, TraceEvent } from '@tandem/core';
import type { AgentLink } from './agent-link.ts';
import type { Deployer } from './deployer.ts';
import type { RequestPlane } from './request-plane.ts';

export interface RepairDeskOptions {
  readonly clock: Clock;
  readonly plane: RequestPlane;
  readonly deployer: Deployer;
  readonly signal: AbortSignal;
  /** Everybody who has joined and is not lost, those that plans should rely on first. */
  readonly links: () => readonly AgentLink[];
  /** For a device that another cannot reach to be found dead, if it is. */
  readonly doubtSeconds: Seconds;
  /** For a device to come back that nobody can stand in for. */
  readonly returnSeconds: Seconds;
  /** Whether plans should rely on the device; others are used where there is no other way. */
  readonly isReliable: (device: DeviceId) => boolean;
  readonly trace: (event: TraceEvent) => void;
  readonly log: (line: string) => void;
}
