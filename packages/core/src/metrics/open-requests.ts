import { NumberMap } from '../search/number-map.ts';

/** What a request that has not ended did last, and when; NaN = it has not. */
export interface OpenRequest {
  arrived: number;
  /** By place of the device: when its latest tensor came, while it waits there. */
  readonly came: number[];
  /** By place of the device: when it had something new that may be sent on. */
  readonly ready: number[];
}

/** Requests from the first that is heard of them to their end: all of one is found with one look. */
export class OpenRequests {
  readonly #requests = new NumberMap<OpenRequest>();
  readonly #nowhere: readonly number[];

  constructor(devices: number) {
    this.#nowhere = Array.from({ length: devices }, () => Number.NaN);
  }

  get(request: number): OpenRequest | undefined {
    return this.#requests.get(request);
  }

  /** Begins to follow it where nothing was heard of it. */
  of(request: number): OpenRequest {
    const known = this.#requests.get(request);
    if (known !== undefined) return known;
    const fresh = { arrived: Number.NaN, came: this.#nowhere.slice(), ready: this.#nowhere.slice() };
    this.#requests.set(request, fresh);
    return fresh;
  }

  forget(request: number): void {
    this.#requests.delete(request);
  }

  /** How many have arrived. */
  get arrived(): number {
    let count = 0;
    for (const { arrived } of this.#requests.values()) if (!Number.isNaN(arrived)) count++;
    return count;
  }
}
