const leastRoom = 8;

/**
 * Values by whole number, in the order in which the numbers came, for entries that come and go all the time. A Map takes new memory every
 * few of them, and what it leaves behind goes on pointing at what was in it then, long deleted, until the slowest collection. This one
 * uses again what it has; it grows and never shrinks. Get, set and delete O(1) on average.
 */
export class NumberMap<Value> {
  /** In turn, up to `#end`; of what was deleted NaN and undefined stay until the rest moves up. */
  #numbers = new Float64Array(leastRoom);
  readonly #values: (Value | undefined)[] = [];
  #end = 0;
  /** Nothing is left before it. */
  #first = 0;
  /** Where in those a number is, plus 1; 0 = a search that comes here has failed. Twice the room, so that it soon does. */
  #places = new Int32Array(2 * leastRoom);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Of the number that came first. */
  get first(): Value | undefined {
    return this.#size === 0 ? undefined : this.#values[this.#first];
  }

  get(number: number): Value | undefined {
    const place = this.#placeOf(number);
    return place < 0 ? undefined : this.#values[place];
  }

  /** A number that is here keeps its turn. */
  set(number: number, value: Value): void {
    const place = this.#placeOf(number);
    if (place >= 0) this.#values[place] = value;
    else this.#append(number, value);
  }

  /** Whether it was here. */
  delete(number: number): boolean {
    const place = this.#placeOf(number);
    if (place < 0) return false;
    this.#numbers[place] = Number.NaN;
    this.#values[place] = undefined;
    this.#size--;
    while (this.#first < this.#end && Number.isNaN(this.#numbers[this.#first])) this.#first++;
    return true;
  }

  /** In turn; entries may be deleted meanwhile, and none set. */
  *values(): Generator<Value, void, undefined> {
    for (let place = this.#first; place < this.#end; place++) {
      const value = this.#values[place];
      if (value !== undefined) yield value;
    }
  }

  #placeOf(number: number): number {
    const places = this.#places;
    for (let at = scattered(number); ; at++) {
      const place = (places[at & (places.length - 1)] ?? 0) - 1;
      if (place < 0 || this.#numbers[place] === number) return place;
    }
  }

  #append(number: number, value: Value): void {
    if (this.#end === this.#numbers.length) this.#moveUp();
    this.#numbers[this.#end] = number;
    this.#values[this.#end] = value;
    this.#size++;
    this.#note(number, ++this.#end);
  }

  #note(number: number, place: number): void {
    const places = this.#places;
    let at = scattered(number);
    while (places[at & (places.length - 1)] !== 0) at++;
    places[at & (places.length - 1)] = place;
  }

  /** Closes the gaps, and makes room for twice as many where they are few. */
  #moveUp(): void {
    const numbers = this.#numbers;
    const room = 2 * this.#size > numbers.length ? 2 * numbers.length : numbers.length;
    if (room > numbers.length) {
      this.#numbers = new Float64Array(room);
      this.#places = new Int32Array(2 * room);
    } else this.#places.fill(0);
    const before = this.#end;
    this.#end = 0;
    for (let place = this.#first; place < before; place++) {
      const number = numbers[place] ?? Number.NaN;
      if (Number.isNaN(number)) continue;
      this.#numbers[this.#end] = number;
      this.#values[this.#end] = this.#values[place];
      this.#note(number, ++this.#end);
    }
    this.#values.fill(undefined, this.#end);
    this.#first = 0;
  }
}

/** Numbers that follow one another come to different places, and those that differ in their high bits alone as a rule. */
function scattered(number: number): number {
  const product = Math.imul(number, 0x9e3779b1);
  return product ^ (product >>> 15);
}
