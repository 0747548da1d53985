interface Prioritised {
  readonly priority: number;
}

export interface WaitingOfPriority<Request extends Prioritised> {
  readonly priority: number;
  /** In the order in which they came; never empty. */
  readonly requests: ReadonlySet<Request>;
}

/** Requests that wait to be admitted, so that the next one is found without looking at all of them. Add and delete O(different priorities). */
export class WaitingRequests<Request extends Prioritised> {
  readonly #byPriority: { readonly priority: number; readonly requests: Set<Request> }[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The most important first. */
  get byPriority(): readonly WaitingOfPriority<Request>[] {
    return this.#byPriority;
  }

  add(request: Request): void {
    const { priority } = request;
    const at = this.#byPriority.findIndex((other) => other.priority <= priority);
    const place = at < 0 ? this.#byPriority.length : at;
    const there = this.#byPriority[place];
    if (there?.priority === priority) there.requests.add(request);
    else this.#byPriority.splice(place, 0, { priority, requests: new Set([request]) });
    this.#size++;
  }

  /** Nothing happens where it does not wait. */
  delete(request: Request): void {
    const at = this.#byPriority.findIndex(({ priority }) => priority === request.priority);
    const requests = this.#byPriority[at]?.requests;
    if (requests?.delete(request) !== true) return;
    if (requests.size === 0) this.#byPriority.splice(at, 1);
    this.#size--;
  }
}
