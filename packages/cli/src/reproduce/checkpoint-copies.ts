import type { SuffixSearch, UnitRun } from '@tandem/core';

/** From where a request can go on, and from when. */
export interface Breakpoint {
  /** Units that are done. */
  readonly done: number;
  readonly holder: number;
  readonly since: number;
}

export interface Copy extends Breakpoint {
  readonly from: number;
  readonly begun: number;
}

/** What goes to the next stage, copied to the gateway, which is with the source: what `Route.copy` does. */
export function gatewayCopies(search: SuffixSearch, runs: readonly UnitRun[]): readonly Copy[] {
  const holder = search.source;
  return runs.flatMap(({ device: from, ends: begun }, at): Copy[] => {
    const next = runs[at + 1]?.device ?? from;
    if (next === from || from === holder) return [];
    const since = begun + search.crossingSeconds(at + 1, from, holder);
    return [{ done: at + 1, holder, from, begun, since }];
  });
}

/**
 * What units make, copied behind the request's back to the device that would go on from there were the one at work lost. Links are each
 * their own, as everywhere in the cost model; a request's own transfers go first, and a copy that would be in the way of one is not begun.
 * What goes to the next stage goes to who would take that over, too; inside a stage the newest tensor goes whenever the link is idle.
 */
export function takerCopies(search: SuffixSearch, runs: readonly UnitRun[]): readonly Copy[] {
  const copies: Copy[] = [];
  for (let first = 0, end = 0; first < runs.length; first = end) {
    const device = runs[first]?.device ?? 0;
    end = runs.findIndex((run, at) => at > first && run.device !== device);
    if (end < 0) end = runs.length;
    const lost = new Set([device]);
    const sender = runs[first - 1]?.device ?? search.source;
    const [taker] = search.search({ done: first, holder: sender, lost, stays: true }) ?? [];
    if (taker === undefined) continue;
    const begun = runs[first - 1]?.ends ?? 0;
    const since = begun + search.crossingSeconds(first, sender, taker);
    if (taker !== sender) copies.push({ done: first, holder: taker, from: sender, begun, since });
    copies.push(...insideOf(search, runs, { first, end, taker }));
  }
  return copies;
}

interface CopiedStage {
  readonly first: number;
  readonly end: number;
  readonly taker: number;
}

function insideOf(
  search: SuffixSearch,
  runs: readonly UnitRun[],
  { first, end, taker }: CopiedStage,
): Copy[] {
  const from = runs[first]?.device ?? 0;
  const ownFrom = runs[end]?.device === taker ? (runs[end - 1]?.ends ?? 0) : Number.POSITIVE_INFINITY;
  const copies: Copy[] = [];
  let free = 0;
  for (let unit = first; unit < end; unit++) {
    const begun = Math.max(free, runs[unit]?.ends ?? 0);
    const isNewest = unit + 1 === end || (runs[unit + 1]?.ends ?? 0) > begun;
    const since = begun + search.crossingSeconds(unit + 1, from, taker);
    if (!isNewest || since > ownFrom) continue;
    copies.push({ done: unit + 1, holder: taker, from, begun, since });
    free = since;
  }
  return copies;
}
