/** How many times longer a device takes than predicted; a ratio counts once several samples in a row agree. JSON-able. */
export interface RatioWatch {
  ratio: number;
  readonly beyond: number[];
}

/** Samples further than that from the ratio are news. */
const news = 1.15;
const inARow = 5;

export const ratioWatch = (): RatioWatch => ({ ratio: 1, beyond: [] });

/** Whether the ratio is another one now: the median of the five samples in a row that were all longer, or all shorter. */
export function sampleRatio(watch: RatioWatch, sample: number): boolean {
  if (!(sample > 0) || !Number.isFinite(sample)) return false;
  const side = sideOf(watch, sample);
  if (side === 0 || (watch.beyond[0] !== undefined && sideOf(watch, watch.beyond[0]) !== side))
    watch.beyond.length = 0;
  if (side !== 0) watch.beyond.push(sample);
  if (watch.beyond.length < inARow) return false;
  const sorted = watch.beyond.toSorted((left, right) => left - right);
  watch.ratio = sorted[Math.floor(inARow / 2)] ?? watch.ratio;
  watch.beyond.length = 0;
  return true;
}

function sideOf({ ratio }: RatioWatch, sample: number): -1 | 0 | 1 {
  if (sample > ratio * news) return 1;
  return sample < ratio / news ? -1 : 0;
}
