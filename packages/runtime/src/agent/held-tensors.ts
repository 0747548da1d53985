import type { Seconds } from '@tandem/core';
import type { TensorValue } from '../execute/executor.ts';
import type { SpareBuffers } from '../spare-buffers.ts';

/** A tensor's bytes while this agent holds them. */
export interface HeldValue {
  readonly value: TensorValue;
  readonly since: Seconds;
}

interface Held extends HeldValue {
  /** Sends that read the bytes. */
  leaving: number;
}

/** The bytes behind the names that the schedule speaks of. */
export class HeldTensors {
  readonly #held: Map<number, Map<string, Held>> = new Map();
  readonly #spare: SpareBuffers;

  /** What is dropped goes to `spare`. */
  constructor(spare: SpareBuffers) {
    this.#spare = spare;
  }

  keep(request: number, held: HeldValue): void {
    const tensors = this.#held.get(request) ?? new Map<string, Held>();
    tensors.set(held.value.name, { ...held, leaving: 0 });
    this.#held.set(request, tensors);
  }

  find(request: number, tensor: string): HeldValue | null {
    return this.#held.get(request)?.get(tensor) ?? null;
  }

  /** Runs `work`, which reads the bytes: those of a tensor that is dropped meanwhile are not used again. */
  async whileLeaving(request: number, tensor: string, work: () => Promise<void>): Promise<void> {
    const held = this.#held.get(request)?.get(tensor);
    if (held === undefined) return;
    held.leaving++;
    await work().finally(() => held.leaving--);
  }

  /** The value, where nobody reads its bytes any more and they are to be used again. */
  drop(request: number, tensor: string): TensorValue | null {
    const held = this.#forget(request, tensor);
    if (held === null || held.leaving > 0) return null;
    this.#spare.give(held.value.data);
    return held.value;
  }

  #forget(request: number, tensor: string): Held | null {
    const tensors = this.#held.get(request);
    const held = tensors?.get(tensor);
    tensors?.delete(tensor);
    if (tensors?.size === 0) this.#held.delete(request);
    return held ?? null;
  }

  /** The bytes themselves, no longer held, or a copy of them. */
  take(request: number, tensor: string, handOver: boolean): TensorValue | null {
    const held = this.find(request, tensor);
    if (held === null) return null;
    const { value } = held;
    if (handOver) {
      this.#forget(request, tensor);
      return value;
    }
    const data = this.#spare.take(value.data.length);
    data.set(value.data);
    return { ...value, data };
  }

  /** Lets another request have the bytes; a copy of them while somebody reads them. */
  adopt(request: number, tensor: string): TensorValue | null {
    const leaving = this.#held.get(request)?.get(tensor)?.leaving ?? 0;
    return this.take(request, tensor, leaving === 0);
  }

  clear(): void {
    this.#held.clear();
  }
}
