/** Values in the order in which they came, and their indices in ascending order of the values: kept sorted, not sorted anew. */
export class Ascending {
  count = 0;
  /** The first `count` count. */
  values: Float64Array = new Float64Array(64);
  /** Indices of values, equal ones in the order in which they came. The first `count` count. */
  order: Int32Array = new Int32Array(64);

  /** Behind what is less or equal. O(log n) comparisons and the move of what is greater. */
  add(value: number): void {
    if (this.count === this.values.length) this.#grow();
    const { count, values, order } = this;
    let [low, high] = [0, count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((values[order[middle] as number] as number) <= value) low = middle + 1;
      else high = middle;
    }
    order.copyWithin(low + 1, low, count);
    order[low] = count;
    values[count] = value;
    this.count += 1;
  }

  #grow(): void {
    const { values, order } = this;
    this.values = new Float64Array(2 * values.length);
    this.values.set(values);
    this.order = new Int32Array(2 * order.length);
    this.order.set(order);
  }
}
