import type { Label } from '../../calibrate/calibration-sample.ts';

/** A request under way, as the gateway numbers them. */
export type PendingRequest = number;

/** What is remembered of a request until the server has answered it. */
export interface PendingFeature {
  readonly feature: Float32Array;
  /** Of a request that is audited, what it would have been answered here; null = it is not. */
  readonly ownLabel: Label | null;
}

interface Slot {
  readonly feature: Float32Array;
  ownLabel: Label | null;
  sinceSeconds: number;
}

/**
 * Activations of requests that the server has not answered: at most `capacity`, none older than `keepSeconds`; the oldest go first. Slots
 * are used again, so that a request allocates nothing.
 */
export class PendingFeatures {
  readonly #slots = new Map<PendingRequest, Slot>();
  readonly #free: Slot[] = [];
  readonly #capacity: number;
  readonly #keepSeconds: number;
  readonly #channels: number;

  constructor(channels: number, capacity: number, keepSeconds: number) {
    this.#channels = channels;
    this.#capacity = Math.max(1, capacity);
    this.#keepSeconds = keepSeconds;
  }

  get size(): number {
    return this.#slots.size;
  }

  keep(request: PendingRequest, feature: Float32Array, ownLabel: Label | null, nowSeconds: number): void {
    this.drop(request);
    for (const [oldest, { sinceSeconds }] of this.#slots) {
      if (this.#slots.size < this.#capacity && nowSeconds - sinceSeconds <= this.#keepSeconds) break;
      this.drop(oldest);
    }
    const slot = this.#free.pop() ?? {
      feature: new Float32Array(this.#channels),
      ownLabel: null,
      sinceSeconds: 0,
    };
    slot.feature.set(feature);
    slot.ownLabel = ownLabel;
    slot.sinceSeconds = nowSeconds;
    this.#slots.set(request, slot);
  }

  /** What is remembered, until `drop` or `keep` is called next; null where nothing is, or it is too old. */
  find(request: PendingRequest, nowSeconds: number): PendingFeature | null {
    const slot = this.#slots.get(request);
    return slot === undefined || nowSeconds - slot.sinceSeconds > this.#keepSeconds ? null : slot;
  }

  drop(request: PendingRequest): void {
    const slot = this.#slots.get(request);
    if (slot === undefined) return;
    this.#slots.delete(request);
    this.#free.push(slot);
  }
}
