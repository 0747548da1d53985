import type { DynamicsAction } from '../schedule/dynamics/dynamics-action.ts';
import type { DynamicsEvent } from '../schedule/dynamics/dynamics-event.ts';
import {
  type DynamicsSettings,
  type DynamicsState,
  initialDynamics,
} from '../schedule/dynamics/dynamics-state.ts';
import { stepDynamics } from '../schedule/dynamics/step-dynamics.ts';
import { Alarm } from './alarm.ts';
import { nowOf, type SimulationContext } from './simulation-context.ts';

/** So long after it was asked for, calibration has ended. */
const calibrationSeconds = 2;

/** What a simulated gateway can have done about what it decides. */
export interface Actuators {
  /** Requests that come from now on are run by `to`; those that came before stay with `from`. */
  switchPlan(from: number, to: number, reason: 'repair' | 'replan', message: string): void;
  /** A share of the planned clock, or of the time. */
  setPace(device: string, pace: { readonly clock: number } | { readonly duty: number }): void;
  admitFrom(leastPriority: number | null): void;
  setThreshold(factor: number): void;
  useSensor(sensor: string): void;
}

/** Decides by `stepDynamics` and has it done; a plan takes its time to load, and the last one that was decided for counts. */
export class SimAdapter {
  readonly #context: SimulationContext;
  readonly #actuators: Actuators;
  readonly #state: DynamicsState;
  readonly #alarm: Alarm;
  /** The version that requests go to; `#state.current` may be loading still. */
  #inUse: number;

  constructor(context: SimulationContext, settings: DynamicsSettings, actuators: Actuators) {
    this.#context = context;
    this.#actuators = actuators;
    this.#inUse = settings.current;
    this.#state = initialDynamics(settings, nowOf(context));
    this.#alarm = new Alarm(context.queue, () => this.tell({ kind: 'tick' }));
  }

  tell(event: DynamicsEvent): void {
    const { actions, wakeAt } = stepDynamics(this.#state, event, nowOf(this.#context));
    for (const action of actions) this.#perform(action);
    this.#alarm.set(wakeAt);
  }

  #perform(action: DynamicsAction): void {
    const { effect, dynamic, reaction, saw, considered, why } = action;
    const about = { dynamic, reaction, saw, considered, why };
    this.#context.emit({
      kind: 'adaptation',
      atSeconds: nowOf(this.#context),
      version: this.#inUse,
      ...about,
    });
    switch (effect.kind) {
      case 'plan':
        return this.#load(effect.to, dynamic === 'failure' ? 'repair' : 'replan', `${saw}: ${why}`);
      case 'clock':
        return this.#actuators.setPace(effect.device, { clock: effect.share });
      case 'duty-cycle':
        return this.#actuators.setPace(effect.device, { duty: effect.share });
      case 'admission':
        return this.#actuators.admitFrom(effect.leastPriority);
      case 'exit-threshold':
        return this.#actuators.setThreshold(effect.factor);
      case 'sensor':
        return this.#actuators.useSensor(effect.sensor);
      case 'recalibrate': {
        const { queue } = this.#context;
        queue.at(queue.now + calibrationSeconds, () => this.tell({ kind: 'recalibrated' }));
        return;
      }
      // The rest is what the next decision goes by.
      default:
        return;
    }
  }

  #load(to: number, reason: 'repair' | 'replan', message: string): void {
    const { queue } = this.#context;
    const { loadSeconds = 0 } = this.#state.options.find(({ version }) => version === to) ?? {};
    queue.at(queue.now + loadSeconds, () => {
      if (this.#state.current !== to || this.#inUse === to) return;
      this.#actuators.switchPlan(this.#inUse, to, reason, message);
      this.#inUse = to;
    });
  }
}
