import type { DeviceId } from '../../cluster/cluster.ts';
import type { DynamicsObjective } from './plan-option.ts';

/** What changes, after Ng et al.: the network, nodes, heat and batteries, the mission, inputs and their sources, the load. */
export type Dynamic = 'network' | 'failure' | 'heat' | 'mission' | 'quality' | 'load';

export type Reaction =
  | 'bits'
  | 'codec'
  | 'move-cut'
  | 'local-fallback'
  | 'reroute'
  | 'clocks'
  | 'shift-layers'
  | 'exit-threshold'
  | 'duty-cycle'
  | 'refuse'
  | 'switch-sensor'
  | 'recalibrate'
  | 'objective'
  | 'model'
  | 'admission'
  /** Another plan was weighed and not taken. */
  | 'stay';

/** One decision, for the trace: whole clauses for a person. */
export interface Adaptation {
  readonly dynamic: Dynamic;
  readonly reaction: Reaction;
  readonly saw: string;
  readonly considered: string;
  readonly why: string;
}

/** What has to be done about a decision. */
export type Effect =
  | { readonly kind: 'none' }
  /** Load `to` beside `from`, give it the requests that come, and let `from` drain. */
  | { readonly kind: 'plan'; readonly from: number; readonly to: number }
  /** Of the planned clock. */
  | { readonly kind: 'clock'; readonly device: DeviceId; readonly share: number }
  /** Of the calibrated threshold: above 1 fewer requests leave early. */
  | { readonly kind: 'exit-threshold'; readonly factor: number }
  /** Of the time, the device works on requests. */
  | { readonly kind: 'duty-cycle'; readonly device: DeviceId; readonly share: number }
  /** Give the device nothing, or something again. */
  | { readonly kind: 'refuse'; readonly device: DeviceId; readonly isRefused: boolean }
  | { readonly kind: 'sensor'; readonly sensor: string }
  | { readonly kind: 'recalibrate' }
  | { readonly kind: 'objective'; readonly objective: DynamicsObjective }
  /** Shed requests of less; null = none. */
  | { readonly kind: 'admission'; readonly leastPriority: number | null };

export interface DynamicsAction extends Adaptation {
  readonly effect: Effect;
}
