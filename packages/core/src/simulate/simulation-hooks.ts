import type { DeviceId } from '../cluster/cluster.ts';
import type { RunningStage } from '../schedule/agent-event.ts';

/** Decisions that a caller takes while the simulation runs; deterministic ones keep it so. Each is asked once for what it is about. */
export interface SimulationHooks {
  /** How long a stage works, instead of `seconds`, at the device's usual speed. */
  readonly stageSeconds?: (stage: RunningStage, device: DeviceId, seconds: number) => number;
  /** Whether a stage that has just been executed answers the request. @default never */
  readonly exits?: (stage: RunningStage, request: number, atSeconds: number) => boolean;
  /** What a tensor takes on a link, instead of `bytes`, and the bits an element that this means, for the trace. Null = `bytes`. */
  readonly transfer?: (transfer: HookedTransfer) => { readonly bytes: number; readonly bits: number } | null;
  /** The last bit of a tensor has left, so many seconds after the link was free for its first. */
  readonly carried?: (carried: HookedCarriage) => void;
}

export interface HookedCarriage {
  readonly from: DeviceId;
  readonly to: DeviceId;
  readonly bytes: number;
  readonly seconds: number;
}

export interface HookedTransfer {
  readonly version: number;
  readonly request: number;
  readonly tensor: string;
  readonly from: DeviceId;
  readonly to: DeviceId;
  readonly bytes: number;
  /** Passes between the last bit and the tensor's being there. */
  readonly delaySeconds: number;
  readonly atSeconds: number;
}
