import type { DeviceId } from '../cluster/cluster.ts';
import type { Seconds } from '../units.ts';
import type { AgentAction, AgentEvent } from './agent-event.ts';
import type { AgentStateLimits } from './agent-state.ts';
import type { GatewayAction, GatewayEvent } from './gateway-event.ts';

/** What a schedule was told, when, and what it said: enough to have it decide again. JSON-able. */
export interface RecordedStep<Event, Action> {
  readonly event: Event;
  readonly now: Seconds;
  readonly actions: readonly Action[];
}

export type AgentRecord = RecordedStep<AgentEvent, AgentAction>;
export type GatewayRecord = RecordedStep<GatewayEvent, GatewayAction>;

/** The decisions of one run, each schedule's in the order in which it took them. */
export interface Recording {
  /** @default the usual ones */
  readonly limits?: Partial<AgentStateLimits>;
  readonly agents: Readonly<Record<DeviceId, readonly AgentRecord[]>>;
  readonly gateway: readonly GatewayRecord[];
}
