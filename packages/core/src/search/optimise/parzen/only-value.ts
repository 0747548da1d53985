import type { Estimator } from './estimator.ts';

/** Of a range that holds one value. */
export class OnlyValue implements Estimator {
  readonly #value: number;

  constructor(value: number) {
    this.#value = value;
  }

  fit(): void {}

  density(): number {
    return 1;
  }

  draw(): number {
    return this.#value;
  }
}
