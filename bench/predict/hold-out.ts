import { createRandom, type PlacedSegment, type Predictor, type TimedSegment } from '@tandem/core';
import { median } from '../paired.ts';
import type { Timing } from './ncnn-table.ts';
import { rankCorrelation } from './rank-correlation.ts';

/** How well one held-out device (or network) was foretold. */
export interface Score {
  readonly group: string;
  /** Spearman's ρ of foretold and true times; the median over the group's lists. */
  readonly rank: number;
  /** Mean of |foretold − true| / true over the group's rows. */
  readonly error: number;
}

/** Foretells held-out timings from the others; no other path leads from one to the other. */
export type Foreteller = (training: readonly Timing[], heldOut: readonly Timing[]) => readonly number[];

/** What a split holds out together, what it scores, and which rows are ranked against each other. */
export interface Split {
  readonly fold: (timing: Timing) => string;
  readonly group: (timing: Timing) => string;
  readonly list: (timing: Timing) => string;
}

/** Every device of a chip is held out with it; a device is scored by the order of networks in each of its settings. */
export const byDevice: Split = {
  fold: (timing) => timing.chip,
  group: (timing) => timing.device,
  list: (timing) => timing.setting,
};

/** A network is held out on all devices and scored by the order of the settings. */
export const byNetwork: Split = {
  fold: (timing) => timing.network,
  group: (timing) => timing.network,
  list: (timing) => timing.network,
};

/** A list shorter than this has no order worth a correlation. */
const shortest = 5;

/** One score a group, in the order in which groups occur. `signal` is looked at between folds. */
export function holdOut(
  timings: readonly Timing[],
  split: Split,
  foretell: Foreteller,
  signal?: AbortSignal,
): Score[] {
  const scores: Score[] = [];
  for (const [fold, heldOut] of groupBy(timings, split.fold)) {
    signal?.throwIfAborted();
    const training = timings.filter((timing) => split.fold(timing) !== fold);
    const foretold = new Map(foretell(training, heldOut).map((value, index) => [heldOut[index], value]));
    for (const [group, members] of groupBy(heldOut, split.group))
      scores.push(scoreOf(group, members, foretold, split));
  }
  return scores;
}

function scoreOf(
  group: string,
  members: readonly Timing[],
  foretold: ReadonlyMap<Timing | undefined, number>,
  split: Split,
): Score {
  const of = (timing: Timing): number => foretold.get(timing) ?? Number.NaN;
  const lists = [...groupBy(members, split.list).values()].filter((list) => list.length >= shortest);
  const ranks = lists.map((list) =>
    rankCorrelation(
      list.map(of),
      list.map(({ segment }) => segment.seconds),
    ),
  );
  const errors = members.map((timing) => Math.abs(of(timing) / timing.segment.seconds - 1));
  return {
    group,
    rank: ranks.length === 0 ? Number.NaN : median(ranks),
    error: errors.reduce((sum, error) => sum + error, 0) / errors.length,
  };
}

/** A predictor sees segments and times, never a name. Every fold starts from the same seed. */
export function foretellerOf(predictor: Predictor): Foreteller {
  return (training, heldOut) => {
    const rows: readonly TimedSegment[] = training.map(({ segment }) => segment);
    const predict = predictor.fit(rows, createRandom(1));
    return heldOut.map(({ segment: { work, device } }) => predict({ work, device } satisfies PlacedSegment));
  };
}

/** The network's geometric mean time on the other devices: knows its name, but nothing of the device. For known networks only. */
export const meanOfOtherDevices: Foreteller = (training, heldOut) => {
  const means = new Map(
    [...groupBy(training, (timing) => timing.network)].map(([network, timings]) => [
      network,
      Math.exp(timings.reduce((sum, { segment }) => sum + Math.log(segment.seconds), 0) / timings.length),
    ]),
  );
  return heldOut.map((timing) => means.get(timing.network) ?? Number.NaN);
};

function groupBy<Value>(values: readonly Value[], key: (value: Value) => string): Map<string, Value[]> {
  const groups = new Map<string, Value[]>();
  for (const value of values) {
    const group = groups.get(key(value));
    if (group === undefined) groups.set(key(value), [value]);
    else group.push(value);
  }
  return groups;
}
