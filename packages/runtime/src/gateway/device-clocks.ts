import { type DeviceId, errorRecord, type Hertz, InvalidInputError } from '@tandem/core';
import type { ClockSetting, WantedClock } from '../actuate/actuator.ts';
import { Turns } from '../turns.ts';
import type { AgentLink } from './agent-link.ts';
import type { PlannedClock } from './planned-clocks.ts';

/** What a device did about the clock that was asked of it. */
export interface DeviceClock extends ClockSetting {
  readonly device: DeviceId;
  readonly wantedHertz: Hertz;
}

export interface DeviceClocksOptions {
  /** For an agent to set its clock. */
  readonly limitSeconds: number;
  readonly link: (device: DeviceId) => AgentLink;
}

/** The clocks of all devices, as plans and whoever steers them want them. */
export class DeviceClocks {
  readonly #options: DeviceClocksOptions;
  readonly #planned: Map<DeviceId, PlannedClock> = new Map();
  readonly #settings: Map<DeviceId, DeviceClock> = new Map();
  readonly #turns: Map<DeviceId, Turns> = new Map();

  constructor(options: DeviceClocksOptions) {
    this.#options = options;
  }

  get settings(): readonly DeviceClock[] {
    return [...this.#settings.values()];
  }

  /** Sets these, and gives every other device back the clock that it was found with. What cannot be set is said in `settings`. */
  async plan(clocks: readonly PlannedClock[], signal: AbortSignal): Promise<void> {
    const kept = new Set(clocks.map(({ device }) => device));
    const freed = [...this.#planned.keys()].filter((device) => !kept.has(device));
    for (const clock of clocks) this.#planned.set(clock.device, clock);
    for (const device of freed) this.#planned.delete(device);
    await Promise.all([
      ...clocks.map(({ device, hertz }) => this.set(device, hertz, signal)),
      ...freed.map((device) => this.#free(device, signal)),
    ]);
  }

  /**
   * Another rate for a device whose clock the plan sets, or that the caller knows; the next plan frees it again. Throws InvalidInputError
   * for any other device.
   */
  async set(device: DeviceId, hertz: Hertz, signal: AbortSignal, known?: PlannedClock): Promise<DeviceClock> {
    const planned = this.#planned.get(device) ?? known;
    if (planned === undefined) throw notPlanned(device, [...this.#planned.keys()]);
    this.#planned.set(device, planned);
    return await this.#turnsOf(device).run(signal, () => this.#set(planned, hertz, signal));
  }

  /** The device is back from a loss, on which its agent gave its clock back: what was wanted of it last is asked again. */
  async returned(device: DeviceId, signal: AbortSignal): Promise<void> {
    await this.#turnsOf(device).run(signal, async () => {
      const planned = this.#planned.get(device);
      if (planned === undefined) return;
      await this.#set(planned, this.#settings.get(device)?.wantedHertz ?? planned.hertz, signal);
    });
  }

  async #set(planned: PlannedClock, wantedHertz: Hertz, signal: AbortSignal): Promise<DeviceClock> {
    const { device, highestHertz, threads, imitated, hertz: pricedHertz } = planned;
    const pacedHertz = imitated ? pricedHertz : null;
    const setting = await this.#ask(
      device,
      { hertz: wantedHertz, highestHertz, threads, pacedHertz },
      signal,
    );
    const clock = { ...setting, device, wantedHertz };
    this.#settings.set(device, clock);
    return clock;
  }

  async #free(device: DeviceId, signal: AbortSignal): Promise<void> {
    await this.#turnsOf(device).run(signal, async () => {
      this.#settings.delete(device);
      await this.#ask(device, null, signal);
    });
  }

  /** An agent is asked about its clock by one at a time. */
  #turnsOf(device: DeviceId): Turns {
    const turns = this.#turns.get(device) ?? new Turns();
    this.#turns.set(device, turns);
    return turns;
  }

  async #ask(device: DeviceId, clock: WantedClock | null, signal: AbortSignal): Promise<ClockSetting> {
    const { link, limitSeconds } = this.#options;
    try {
      const answer = await link(device).ask({ kind: 'set-clock', clock }, 'clock', limitSeconds, signal);
      if (answer.kind !== 'clock-set') return refused('it answered something else');
      const { actuator, hertz, reason } = answer;
      return { actuator, hertz, reason };
    } catch (error) {
      if (signal.aborted) throw error;
      return refused(errorRecord(error).message);
    }
  }
}

const refused = (reason: string): ClockSetting => ({ actuator: null, hertz: null, reason });

function notPlanned(device: DeviceId, known: readonly DeviceId[]): InvalidInputError {
  return new InvalidInputError(
    `the plan does not set the clock of '${device}', expected one of ${known.join(', ') || 'none'}`,
    'Deploy a plan with a clock for it.',
  );
}
