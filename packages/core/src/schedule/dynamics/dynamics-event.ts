import type { DeviceId } from '../../cluster/cluster.ts';
import type { DynamicsObjective, PlanOption } from './plan-option.ts';

/** What sensors read and people command: all that adaptation knows. JSON-able. */
export type DynamicsEvent =
  /** A transfer, or a probe, went at this rate. */
  | {
      readonly kind: 'goodput';
      readonly from: DeviceId;
      readonly to: DeviceId;
      readonly bitsPerSecond: number;
    }
  | { readonly kind: 'round-trip'; readonly from: DeviceId; readonly to: DeviceId; readonly seconds: number }
  | { readonly kind: 'link'; readonly from: DeviceId; readonly to: DeviceId; readonly isUp: boolean }
  /** A device was lost, or is to be relied on again. */
  | { readonly kind: 'device'; readonly device: DeviceId; readonly isHere: boolean }
  /** What a stage took, and what the plan says that it takes. */
  | {
      readonly kind: 'stage';
      readonly device: DeviceId;
      readonly predictedSeconds: number;
      readonly measuredSeconds: number;
    }
  /** The clock that was read back, as a share of the planned one. */
  | { readonly kind: 'clock'; readonly device: DeviceId; readonly share: number }
  /** `limitCelsius`: where the device throttles itself. */
  | {
      readonly kind: 'temperature';
      readonly device: DeviceId;
      readonly celsius: number;
      readonly limitCelsius: number;
    }
  | { readonly kind: 'throttle'; readonly device: DeviceId; readonly isThrottled: boolean }
  /** What is left, 0 to 1. */
  | { readonly kind: 'battery'; readonly device: DeviceId; readonly share: number }
  | { readonly kind: 'command'; readonly command: MissionCommand }
  /** The confidence or similarity of one request. */
  | { readonly kind: 'confidence'; readonly value: number }
  /** What new requests look like is the reference from now on. */
  | { readonly kind: 'recalibrated' }
  /** The health of one of several sources of input, the more the better. */
  | { readonly kind: 'sensor'; readonly sensor: string; readonly quality: number }
  | { readonly kind: 'arrival' }
  /** Of late: how busy the busiest device or link is, and what 95 % of the answers took at most; null = there were none. */
  | { readonly kind: 'load'; readonly utilisation: number; readonly p95Seconds: number | null }
  /** Planning in the background has ended: what can be switched to from now on. The plan in use stays one of them. */
  | { readonly kind: 'options'; readonly options: readonly PlanOption[] }
  /** Nothing but the passing of time: sent at `wakeAt`. */
  | { readonly kind: 'tick' };

/** What is not named stays as it is. */
export interface MissionCommand {
  readonly objective?: DynamicsObjective;
  /** Null = none. */
  readonly deadlineSeconds?: number | null;
  /** The share of answers that may be lost at most; null = any. */
  readonly mostAccuracyLoss?: number | null;
  /** The model that requests are for. */
  readonly model?: string;
  /** Requests of less are shed; null = none are. */
  readonly leastPriority?: number | null;
}
