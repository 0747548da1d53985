import type { ErrorRecord } from '@tandem/core';
import type { Answer, TensorValue } from '@tandem/runtime';
import { sameOutputs } from '../run/same-outputs.ts';

/** How request `index` ended. */
export type ChaosResult =
  | {
      readonly index: number;
      readonly answer: Pick<Answer, 'outputs' | 'repairs' | 'seconds'>;
      readonly error: null;
    }
  | { readonly index: number; readonly answer: null; readonly error: Pick<ErrorRecord, 'name' | 'message'> };

/** What became of the requests. */
export interface ChaosCounts {
  /** With the answer of the whole model, bit for bit. */
  readonly answered: number;
  /** Told to have failed. */
  readonly failed: number;
  /** By the error's name. */
  readonly failures: Readonly<Record<string, number>>;
  readonly firstFailure: string | null;
  /** Neither answered nor told to have failed. */
  readonly lost: number;
  /** With another answer than the whole model's. */
  readonly wrong: number;
  /** Results beyond the first of a request. */
  readonly duplicates: number;
  /** Answers before one that was asked for earlier, where they were to come in order. */
  readonly outOfOrder: number;
  /** Answered after they had been moved away from a device that was lost. */
  readonly repaired: number;
  readonly slowestSeconds: number;
}

/** Counts results against what the whole model answers to each of the inputs that go round. */
export class ChaosCount {
  readonly #expected: readonly (readonly TensorValue[])[];
  readonly #seen: Set<number> = new Set();
  readonly #failures: Map<string, number> = new Map();
  #answered = 0;
  #wrong = 0;
  #duplicates = 0;
  #outOfOrder = 0;
  #repaired = 0;
  #slowest = 0;
  #latest = -1;
  #firstFailure: string | null = null;

  constructor(expected: readonly (readonly TensorValue[])[]) {
    this.#expected = expected;
  }

  get ended(): number {
    return this.#seen.size;
  }

  add({ index, answer, error }: ChaosResult): void {
    if (this.#seen.has(index)) this.#duplicates++;
    this.#seen.add(index);
    if (index < this.#latest) this.#outOfOrder++;
    this.#latest = Math.max(this.#latest, index);
    if (answer === null) return this.#fail(error.name, error.message);
    if (answer.repairs > 0) this.#repaired++;
    this.#slowest = Math.max(this.#slowest, answer.seconds);
    if (sameOutputs(answer.outputs, this.#expected[index % this.#expected.length] ?? [])) this.#answered++;
    else this.#wrong++;
  }

  counts(requests: number, ordered: boolean): ChaosCounts {
    return {
      answered: this.#answered,
      failed: [...this.#failures.values()].reduce((sum, count) => sum + count, 0),
      failures: Object.fromEntries(this.#failures),
      firstFailure: this.#firstFailure,
      lost: requests - this.#seen.size,
      wrong: this.#wrong,
      duplicates: this.#duplicates,
      outOfOrder: ordered ? this.#outOfOrder : 0,
      repaired: this.#repaired,
      slowestSeconds: this.#slowest,
    };
  }

  #fail(name: string, message: string): void {
    this.#failures.set(name, (this.#failures.get(name) ?? 0) + 1);
    this.#firstFailure ??= message;
  }
}
