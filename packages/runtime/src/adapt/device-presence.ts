import {
  type Clock,
  type DeviceId,
  initialProbation,
  isReliable,
  type Probation,
  probationSeconds,
  type Seconds,
  seconds,
  stepProbation,
  type TraceEvent,
} from '@tandem/core';
import type { Tasks } from '../wire/tasks.ts';

export interface DevicePresenceOptions {
  readonly clock: Clock;
  readonly tasks: Tasks;
  /** Whether what ran on a lost device is given to others before anybody plans anew. */
  readonly isRepaired: boolean;
  /** Whether the device is to be planned with. */
  readonly tell: (device: DeviceId, isHere: boolean) => void;
  readonly signal: AbortSignal;
}

/** For a repair to give the lost stages to others: it needs the same devices as another plan's loading. */
const repairSeconds = seconds(1);

/** Which devices plans may rely on, from a trace: not one that was lost, and one that is back after its probation. */
export class DevicePresence {
  readonly #options: DevicePresenceOptions;
  readonly #past: Map<DeviceId, Probation> = new Map();
  readonly #awaitingRepair: Set<DeviceId> = new Set();

  constructor(options: DevicePresenceOptions) {
    this.#options = options;
  }

  see(event: TraceEvent): void {
    switch (event.kind) {
      case 'device-lost':
        return this.#lost(event.device);
      case 'device-back':
        return this.#back(event.device);
      case 'repair':
        for (const device of this.#awaitingRepair) this.#give(device);
        return;
      default:
        return;
    }
  }

  #lost(device: DeviceId): void {
    this.#step(device, 'lost');
    this.#awaitingRepair.add(device);
    if (!this.#options.isRepaired) return this.#give(device);
    this.#after(repairSeconds, () => this.#give(device));
  }

  #give(device: DeviceId): void {
    if (this.#awaitingRepair.delete(device)) this.#options.tell(device, false);
  }

  #back(device: DeviceId): void {
    const past = this.#step(device, 'back');
    const { since } = past;
    this.#after(probationSeconds(past), () => {
      const now = this.#options.clock.now();
      if (past.since === since) this.#options.tell(device, isReliable(past, now));
    });
  }

  #step(device: DeviceId, kind: 'lost' | 'back'): Probation {
    const past = this.#past.get(device) ?? initialProbation();
    this.#past.set(device, past);
    stepProbation(past, { kind }, this.#options.clock.now());
    return past;
  }

  #after(duration: Seconds, work: () => void): void {
    const { clock, tasks, signal } = this.#options;
    tasks.start(async () => {
      await clock.sleep(duration, signal).catch(() => undefined);
      if (!signal.aborted) work();
    });
  }
}
