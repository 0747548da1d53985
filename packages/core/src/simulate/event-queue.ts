import { BinaryHeap } from '../search/binary-heap.ts';

/** Something that will happen unless it is called off. */
export interface Planned {
  readonly at: number;
  readonly order: number;
  run: (() => void) | null;
}

/**
 * What happens next: by time, and at the same time in the order in which it was planned. What follows from an event at once (`soon`) comes
 * before anything else of the same time.
 */
export class EventQueue {
  now = 0;
  /** Run so far. */
  events = 0;
  readonly #heap = new BinaryHeap<Planned>((left, right) =>
    left.at !== right.at ? left.at < right.at : left.order < right.order,
  );
  /** In turn, from `#soonNext` up to `#soonEnd`; written over, since an array that is emptied gives its memory away. */
  readonly #soon: (() => void)[] = [];
  #soonNext = 0;
  #soonEnd = 0;
  #order = 0;

  at(time: number, run: () => void): Planned {
    const planned = { at: time, order: this.#order++, run };
    if (time < Number.POSITIVE_INFINITY) this.#heap.push(planned);
    return planned;
  }

  soon(run: () => void): void {
    this.#soon[this.#soonEnd++] = run;
  }

  /** Whether nothing is planned. */
  get isEmpty(): boolean {
    return this.#heap.peek() === undefined && this.#soonNext === this.#soonEnd;
  }

  /** Runs until nothing is planned, or until `mostEvents` have run; false = there was more. */
  run(mostEvents: number): boolean {
    this.#runSoon();
    for (let next = this.#heap.pop(); next !== undefined; next = this.#heap.pop()) {
      if (next.run === null) continue;
      this.now = next.at;
      this.events++;
      next.run();
      this.#runSoon();
      if (this.events >= mostEvents) return this.#heap.peek() === undefined;
    }
    return true;
  }

  #runSoon(): void {
    while (this.#soonNext < this.#soonEnd) {
      this.events++;
      this.#soon[this.#soonNext++]?.();
    }
    this.#soonNext = 0;
    this.#soonEnd = 0;
  }
}
