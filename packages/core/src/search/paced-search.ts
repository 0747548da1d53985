/**
 * A long computation as a generator: it yields at least once for every fraction of a millisecond of work, to give its caller the
 * chance to do something else, and returns its result.
 */
export type PacedSearch<Result> = Generator<void, Result, void>;

/** Runs a search to its end at once. */
export function runSearch<Result>(search: PacedSearch<Result>): Result {
  for (;;) {
    const step = search.next();
    if (step.done === true) return step.value;
  }
}

/** Runs a search to its end; what `pause` returns at each yield is awaited, and it ends the search by throwing. */
export async function runPacedSearch<Result>(
  search: PacedSearch<Result>,
  pause: () => Promise<void> | undefined,
): Promise<Result> {
  for (;;) {
    const step = search.next();
    if (step.done === true) return step.value;
    const wait = pause();
    if (wait !== undefined) await wait;
  }
}
