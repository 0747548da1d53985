import { type Clock, type DeviceId, type GatewayRecord, livenessLimits } from '@tandem/core';
import type { Transport } from '../transport/transport.ts';

export interface GatewayOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  /** The agents' token. */
  readonly token: string;
  /** Where each device's agent listens. */
  readonly addresses: Readonly<Record<DeviceId, string>>;
  readonly limits?: Partial<GatewayLimits>;
  /** As AgentOptions.clockName, of `clock`. @default '' */
  readonly clockName?: string;
  /** Called with every step of the gateway's schedule, for replay. @default nothing */
  readonly record?: (step: GatewayRecord) => void;
  /** One line for a person each time that something noteworthy happens. @default nothing */
  readonly log?: (line: string) => void;
  /** Ends the connecting, and later the gateway, for good. */
  readonly signal: AbortSignal;
}

export interface GatewayLimits {
  /** Until an agent answers the hello. @default 10 */
  readonly dialSeconds: number;
  /** For one message to leave. @default 30 */
  readonly sendSeconds: number;
  /** For an agent to check and keep a segment that was sent. @default 120 */
  readonly storeSeconds: number;
  /** For every agent to load its stages. @default 600 */
  readonly loadSeconds: number;
  /** Silence after which an agent is pinged. @default 0.1 */
  readonly heartbeatSeconds: number;
  /** Least silence that makes an agent suspected; one that is often silent is given longer. @default 0.4 */
  readonly silenceSeconds: number;
  /** For a suspected agent to answer a new connection. @default 1 */
  readonly probeSeconds: number;
  /** For a device to come back that no other can stand in for, before requests fail. @default 5 */
  readonly returnSeconds: number;
  /** For an agent to free what it holds when the gateway leaves. @default 5 */
  readonly leaveSeconds: number;
}

export const defaultGatewayLimits: GatewayLimits = {
  dialSeconds: 10,
  sendSeconds: 30,
  storeSeconds: 120,
  loadSeconds: 600,
  ...livenessLimits,
  returnSeconds: 5,
  leaveSeconds: 5,
};

/** GatewayOptions with every default filled in. */
export type GatewayContext = Required<Omit<GatewayOptions, 'limits'>> & { readonly limits: GatewayLimits };

export const gatewayContext = (options: GatewayOptions): GatewayContext => ({
  log: () => undefined,
  clockName: '',
  record: () => undefined,
  ...options,
  limits: { ...defaultGatewayLimits, ...options.limits },
});
