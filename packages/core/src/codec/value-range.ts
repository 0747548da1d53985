/** From the least to the greatest value; float32. */
export interface ValueRange {
  readonly minimum: number;
  readonly maximum: number;
}

/** A range that grows with what it is shown; it holds 0. */
export class GrowingRange implements ValueRange {
  minimum = 0;
  maximum = 0;

  include(minimum: number, maximum: number): void {
    if (minimum < this.minimum) this.minimum = minimum;
    if (maximum > this.maximum) this.maximum = maximum;
  }

  /** False when one of the values is NaN; the others count all the same. */
  widen(values: Float32Array): boolean {
    let { minimum, maximum } = this;
    let numbers = true;
    for (let index = 0; index < values.length; index++) {
      const value = values[index] ?? 0;
      if (value < minimum) minimum = value;
      else if (value > maximum) maximum = value;
      else if (Number.isNaN(value)) numbers = false;
    }
    this.minimum = minimum;
    this.maximum = maximum;
    return numbers;
  }
}
