import { type Seconds, seconds } from '../units.ts';
import type { ScenarioBody } from './scenario.ts';

/** A device that throttled itself works at its clock again when it is so much cooler. */
const recoversCelsius = 10;

/** What a device's sensors read. */
export interface BodyReadings {
  readonly celsius: number;
  readonly isThrottled: boolean;
  /** What is left of the battery, 0 to 1. */
  readonly charge: number;
}

/** A device's temperature and battery, brought up to date piece by piece; in each, work and clock are taken as even. */
export class SimBody {
  readonly body: ScenarioBody;
  #celsius: number;
  #isThrottled = false;
  #joules: number;
  #since: Seconds = seconds(0);

  constructor(body: ScenarioBody) {
    this.body = body;
    this.#celsius = body.heat?.ambientCelsius ?? 0;
    this.#joules = body.battery?.joules ?? 1;
  }

  /** Since the last time the device worked for `busySeconds` at `clock`, a share of the planned one. */
  pass(now: Seconds, busySeconds: number, clock: number): BodyReadings {
    const elapsed = now - this.#since;
    const work = elapsed > 0 ? Math.min(1, busySeconds / elapsed) * clock ** 3 : 0;
    this.#warm(elapsed, work);
    const { battery } = this.body;
    if (battery !== undefined)
      this.#joules = Math.max(0, this.#joules - elapsed * (battery.idleWatts + battery.busyWatts * work));
    this.#since = now;
    return {
      celsius: this.#celsius,
      isThrottled: this.#isThrottled,
      charge: this.#joules / (battery?.joules ?? 1),
    };
  }

  #warm(elapsed: number, work: number): void {
    const { heat } = this.body;
    if (heat === undefined) return;
    const { ambientCelsius, steadyCelsius, limitCelsius } = heat;
    const aim = ambientCelsius + (steadyCelsius - ambientCelsius) * work;
    this.#celsius = aim + (this.#celsius - aim) * Math.exp(-elapsed / heat.seconds);
    if (this.#celsius >= limitCelsius) this.#isThrottled = true;
    if (this.#celsius < limitCelsius - recoversCelsius) this.#isThrottled = false;
  }
}
