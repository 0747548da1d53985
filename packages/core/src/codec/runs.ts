/** One thing for all elements, or one a channel: runs of `run` elements take the first, the second … and then the first again. */
export interface Runs<T> {
  readonly each: readonly T[];
  /** At least 1 where there are elements. */
  readonly run: number;
}

/** Calls `act` for the elements from `start` up to `end`, as many at a time as lie next to each other and share a thing. */
export function forEachRun<T>(
  start: number,
  end: number,
  { each, run }: Runs<T>,
  act: (thing: T, from: number, length: number) => void,
): void {
  for (let from = start; from < end; ) {
    const index = Math.floor(from / run);
    const stop = Math.min(end, (index + 1) * run);
    const thing = each[index % each.length];
    if (thing !== undefined) act(thing, from, stop - from);
    from = stop;
  }
}
