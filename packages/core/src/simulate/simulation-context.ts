import type { AgentEvent } from '../schedule/agent-event.ts';
import type { GatewayEvent } from '../schedule/gateway-event.ts';
import type { AgentRecord, GatewayRecord } from '../schedule/recording.ts';
import type { TraceEvent } from '../trace/trace.ts';
import type { Bytes, Seconds } from '../units.ts';
import type { EventQueue } from './event-queue.ts';
import type { ScenarioStage } from './scenario.ts';
import type { SimulationHooks } from './simulation-hooks.ts';

/** Is told each decision: of a device's agent, or of the gateway. */
export interface Recorder {
  agent(device: string, step: AgentRecord): void;
  gateway(step: GatewayRecord): void;
}

/** What the parts of a simulation share. */
export interface SimulationContext {
  readonly queue: EventQueue;
  readonly hooks: SimulationHooks;
  readonly emit: (event: TraceEvent) => void;
  readonly record: Recorder | null;
  readonly stageOf: (version: number, stage: number, device: string) => ScenarioStage;
  readonly bytesOf: (version: number, tensor: string, from: string, to: string) => number;
  /** What an exit behind the stage answers with, and where to; null = nothing travels. */
  readonly exitAnswer: (
    version: number,
    stage: number,
  ) => { readonly sink: string | null; readonly bytes: Bytes };
  /** Both at once, after what is being done. */
  readonly tellAgent: (device: string, event: AgentEvent) => void;
  readonly tellGateway: (event: GatewayEvent) => void;
}

export const nowOf = ({ queue }: SimulationContext): Seconds => queue.now as Seconds;
