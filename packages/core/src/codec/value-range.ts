/** From the least to the greatest value; float32. */
export interface ValueRange {
  readonly minimum: number;
  readonly maximum: number;
}

/** The range of `values` and 0; null when one of them is NaN. */
export function rangeWithZero(values: Float32Array): ValueRange | null {
  let minimum = 0;
  let maximum = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? 0;
    if (value < minimum) minimum = value;
    else if (value > maximum) maximum = value;
    else if (Number.isNaN(value)) return null;
  }
  return { minimum, maximum };
}

/** The range of `values` and 0 in each channel: elements come in runs of `run`, one for each channel in turn, and
 * none is NaN. */
export function channelRanges(values: Float32Array, channels: number, run: number): ValueRange[] {
  const minima = new Float32Array(channels);
  const maxima = new Float32Array(channels);
  for (let start = 0, channel = 0; start < values.length; start += run, channel = (channel + 1) % channels) {
    const range = rangeWithZero(values.subarray(start, start + run));
    minima[channel] = Math.min(minima[channel] ?? 0, range?.minimum ?? 0);
    maxima[channel] = Math.max(maxima[channel] ?? 0, range?.maximum ?? 0);
  }
  return Array.from(minima, (minimum, channel) => ({ minimum, maximum: maxima[channel] ?? 0 }));
}
