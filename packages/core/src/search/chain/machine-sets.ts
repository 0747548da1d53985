/** The sets of machines of kinds, by number: those of kind k that a set holds are its digit k in a mixed radix of count + 1. */
export class MachineSets {
  readonly size: number;
  readonly kinds: number;
  readonly #counts: readonly number[];
  readonly #strides: readonly number[];

  constructor(counts: readonly number[]) {
    this.kinds = counts.length;
    this.#counts = counts;
    this.#strides = counts.map((_, kind) => sizeOf(counts.slice(0, kind)));
    this.size = sizeOf(counts);
  }

  /** How many machines of the kind a set holds. */
  used(set: number, kind: number): number {
    return Math.floor(set / (this.#strides[kind] as number)) % ((this.#counts[kind] as number) + 1);
  }

  /** The set with one machine of the kind less, which it must hold. */
  without(set: number, kind: number): number {
    return set - (this.#strides[kind] as number);
  }

  /** The machines that a set does not hold. */
  others(set: number): number {
    return this.size - 1 - set;
  }

  machines(set: number): number {
    let sum = 0;
    for (let kind = 0; kind < this.kinds; kind++) sum += this.used(set, kind);
    return sum;
  }
}

function sizeOf(counts: readonly number[]): number {
  return counts.reduce((product, count) => product * (count + 1), 1);
}
