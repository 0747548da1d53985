import type { Seconds } from '@tandem/core';
import type { TensorValue } from '../execute/executor.ts';

/** A tensor's bytes while this agent holds them. */
export interface HeldValue {
  readonly value: TensorValue;
  readonly since: Seconds;
}

/** The bytes behind the names that the schedule speaks of. */
export class HeldTensors {
  readonly #held: Map<number, Map<string, HeldValue>> = new Map();

  keep(request: number, held: HeldValue): void {
    const tensors = this.#held.get(request) ?? new Map<string, HeldValue>();
    tensors.set(held.value.name, held);
    this.#held.set(request, tensors);
  }

  find(request: number, tensor: string): HeldValue | null {
    return this.#held.get(request)?.get(tensor) ?? null;
  }

  drop(request: number, tensor: string): void {
    const tensors = this.#held.get(request);
    tensors?.delete(tensor);
    if (tensors?.size === 0) this.#held.delete(request);
  }

  /** The bytes themselves, no longer held, or a copy of them. */
  take(request: number, tensor: string, handOver: boolean): TensorValue | null {
    const held = this.find(request, tensor);
    if (held === null) return null;
    if (!handOver) return { ...held.value, data: held.value.data.slice() };
    this.drop(request, tensor);
    return held.value;
  }

  clear(): void {
    this.#held.clear();
  }
}
