import type { AgentRecord, Clock } from '@tandem/core';
import type { ChosenActuator } from '../actuate/actuator.ts';
import type { Executor } from '../execute/executor.ts';
import type { TensorCoder } from '../execute/tensor-coder.ts';
import type { DeviceDescription } from '../probe/device-description.ts';
import type { SegmentStore } from '../segment/segment.ts';
import type { DeviceSensor } from '../sense/device-sensor.ts';
import type { SpareBuffers } from '../spare-buffers.ts';
import type { Transport } from '../transport/transport.ts';

export interface AgentOptions {
  /** For the log. @default the address that was bound */
  readonly name?: string;
  /** Where gateways and other agents dial, in the transport's form. */
  readonly address: string;
  readonly transport: Transport;
  /** Stays the caller's: the agent closes what it loaded, not the executor. */
  readonly executor: Executor;
  /** Codes tensors as plans say. Stays the caller's, as above. @default the plain coder on this thread */
  readonly coder?: TensorCoder;
  /** Where buffers of tensors go that have left: to transport, executor and coder, which use them again. @default nowhere */
  readonly spare?: SpareBuffers;
  /** Stays the caller's, as above. */
  readonly store: SegmentStore;
  readonly clock: Clock;
  /** What everybody who dials has to know; 1 to 256 characters. */
  readonly token: string;
  /** Process number for reports. @default 0 */
  readonly pid?: number;
  /**
   * Names the clock where agents in several processes read the same one, so that a transfer between them can be timed. '' = nobody
   * else reads it. @default ''
   */
  readonly clockName?: string;
  /** Version of the program for reports. @default '' */
  readonly agentVersion?: string;
  /**
   * What this device says to visitors that ask, at most once at a time for each; `measure` false = rates that are not known already stay
   * unknown, because the device works. @default null, visitors are told that it cannot
   */
  readonly describe?: ((options: { readonly measure: boolean }) => Promise<DeviceDescription>) | null;
  /** Who sets the clocks that plans ask for. Stays the caller's; released at the end of each session. @default nobody */
  readonly actuator?: ChosenActuator;
  /** Says how hot the device is and what is left of its battery. Stays the caller's. @default null, it has none */
  readonly sensor?: DeviceSensor | null;
  readonly limits?: Partial<AgentLimits>;
  /** Called with every step of the agent's schedule, for replay. @default nothing */
  readonly record?: (step: AgentRecord) => void;
  /** One line for a person each time that something noteworthy happens. @default nothing */
  readonly log?: (line: string) => void;
}

export interface AgentLimits {
  /** From a connection's start to its complete hello. @default 5 */
  readonly helloSeconds: number;
  /** Connections that have not said hello yet. @default 16 */
  readonly unauthenticated: number;
  /** Connections of other agents. @default 256 */
  readonly peers: number;
  /** Connections that ask and measure. @default 8 */
  readonly visitors: number;
  /** Until another agent answers our hello. @default 10 */
  readonly dialSeconds: number;
  /** For one message other than a tensor to leave. @default 30 */
  readonly sendSeconds: number;
  /** A gateway that says nothing for so long is taken for dead. @default 60 */
  readonly silenceSeconds: number;
  /** Between two looks at the sensors. @default 1 */
  readonly sensorSeconds: number;
  /** For running work to end after its gateway left. @default 30 */
  readonly cleanUpSeconds: number;
  /** Requests in flight at once. @default 64 */
  readonly requests: number;
  /** Plan versions loaded at once; those that run the same segments share them. @default 32 */
  readonly plans: number;
  /** Segments that arrive at once. @default 4 */
  readonly arrivingSegments: number;
}

export const defaultAgentLimits: AgentLimits = {
  helloSeconds: 5,
  unauthenticated: 16,
  peers: 256,
  visitors: 8,
  dialSeconds: 10,
  sendSeconds: 30,
  silenceSeconds: 60,
  sensorSeconds: 1,
  cleanUpSeconds: 30,
  requests: 64,
  plans: 32,
  arrivingSegments: 4,
};

/** AgentOptions with every default filled in. */
export type AgentContext = Required<Omit<AgentOptions, 'limits'>> & { readonly limits: AgentLimits };
