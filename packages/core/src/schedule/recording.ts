import type { DeviceId } from '../cluster/cluster.ts';
import type { Seconds } from '../units.ts';
import type { AgentAction, AgentEvent } from './agent-event.ts';
import type { AgentStateLimits } from './agent-state.ts';
import type { GatewayAction, GatewayEvent } from './gateway-event.ts';

/** What a schedule was told, when, and what it said: enough to have it decide again. JSON-able. */
export type RecordedStep = RecordedAgentStep | RecordedGatewayStep;

export interface RecordedAgentStep {
  readonly who: 'agent';
  readonly device: DeviceId;
  readonly atSeconds: Seconds;
  readonly event: AgentEvent;
  readonly actions: readonly AgentAction[];
}

export interface RecordedGatewayStep {
  readonly who: 'gateway';
  readonly atSeconds: Seconds;
  readonly event: GatewayEvent;
  readonly actions: readonly GatewayAction[];
}

/** The steps of one run, in the order in which each schedule took them; schedules may be interleaved in any way. */
export interface Recording {
  /** @default the usual ones */
  readonly limits?: Partial<AgentStateLimits>;
  readonly steps: readonly RecordedStep[];
}
