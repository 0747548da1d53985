/** Indices of values in ascending order of the values, equal ones in the order in which they came: kept sorted, not sorted anew. */
export class Ascending {
  readonly values: number[] = [];
  readonly order: number[] = [];

  /** Behind what is less or equal. O(log n) comparisons and the move of what is greater. */
  add(value: number): void {
    let [low, high] = [0, this.order.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.values[this.order[middle] ?? 0] ?? 0) <= value) low = middle + 1;
      else high = middle;
    }
    this.order.splice(low, 0, this.values.length);
    this.values.push(value);
  }
}
