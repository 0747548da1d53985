import type { Hertz } from '@tandem/core';
import type { Actuator, WantedClock } from './actuator.ts';

/** How much longer than planned an imitated device holds its answers: changed while it runs. */
export class Pace implements Actuator {
  readonly name = 'pace';
  /** 1 = as the plan's own clock has it. */
  factor = 1;

  /** Takes the time to be inversely proportional to the clock, which is what computing is; waiting for memory would be less. */
  set({ hertz, pacedHertz }: WantedClock): Promise<Hertz> {
    this.factor = (pacedHertz ?? hertz) / hertz;
    return Promise.resolve(hertz);
  }

  release(): Promise<void> {
    this.factor = 1;
    return Promise.resolve();
  }
}
