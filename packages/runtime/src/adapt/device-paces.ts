import {
  type DeviceId,
  type DynamicsAction,
  type Hertz,
  hertz,
  highestHertz,
  type Plan,
  type Problem,
  type SensedEvent,
} from '@tandem/core';
import type { PlannedClock } from '../gateway/planned-clocks.ts';

type Slowing = Extract<DynamicsAction['effect'], { kind: 'clock' | 'duty-cycle' }>;

/** Shares of the planned clock, and of the time, to which reactions have brought a device. */
interface Pace {
  readonly clock: number;
  readonly 'duty-cycle': number;
}

/**
 * The clocks that reactions to heat want, from those of the plan in use. Whoever sets clocks can set one thing, so a device that is to work
 * for half of the time gets half of the clock.
 */
export class DevicePaces {
  readonly #problem: Problem;
  readonly #paces: Map<DeviceId, Pace> = new Map();
  readonly #told: Map<DeviceId, Hertz> = new Map();
  #plan: Plan;

  constructor(problem: Problem, plan: Plan) {
    this.#problem = problem;
    this.#plan = plan;
  }

  know({ device, highestHertz: highest }: SensedEvent): void {
    if (highest !== null) this.#told.set(device, highest);
  }

  slow({ kind, device, share }: Slowing): void {
    const pace = this.#paces.get(device) ?? { clock: 1, 'duty-cycle': 1 };
    this.#paces.set(device, { ...pace, [kind]: share });
  }

  /** From now on this plan's clocks count; returns the devices that are to be slower than those. */
  follow(plan: Plan): readonly DeviceId[] {
    this.#plan = plan;
    return [...this.#paces].flatMap(([device, pace]) => (shareOf(pace) < 1 ? [device] : []));
  }

  /** Null = the plan does not set it. */
  plannedHertz(device: DeviceId): Hertz | null {
    return this.#plan.frequency?.[device] ?? null;
  }

  /** Null where neither the plan, nor the cluster, nor the device says what clock it has. */
  wanted(id: DeviceId): { readonly hertz: Hertz; readonly planned: PlannedClock } | null {
    const device = this.#problem.cluster.devices.find((other) => other.id === id);
    if (device === undefined) return null;
    const highest = highestHertz(device) ?? this.#told.get(id) ?? null;
    if (highest === null) return null;
    const base = this.plannedHertz(id) ?? highest;
    const { threads, emulated: imitated } = device;
    const share = shareOf(this.#paces.get(id) ?? { clock: 1, 'duty-cycle': 1 });
    return {
      hertz: hertz(share * base),
      planned: { device: id, hertz: base, highestHertz: highest, threads, imitated },
    };
  }
}

const shareOf = (pace: Pace): number => pace.clock * pace['duty-cycle'];
