/** One measurement: does the work and returns how long the part that counts took, in seconds. */
export type Measured = () => Promise<number>;

export interface PairedOptions {
  readonly rounds: number;
  /** Rounds that are run first and not counted. @default 1 */
  readonly warmUp?: number;
  readonly signal: AbortSignal;
}

export interface Paired {
  readonly firstSeconds: number;
  readonly secondSeconds: number;
  /** Median of second / first within a round: what changes between rounds (clock speed, neighbours) cancels. */
  readonly ratio: number;
  /** The quartiles of that ratio: how far to believe it. */
  readonly ratioQuartiles: readonly [number, number];
  /** Second / first of each round. */
  readonly ratios: readonly number[];
}

/** Measures two things in turn, the order swapped each round, so that neither always runs in the other's wake. */
export async function paired(first: Measured, second: Measured, options: PairedOptions): Promise<Paired> {
  const warmUp = options.warmUp ?? 1;
  const rounds: { first: number; second: number }[] = [];
  for (let round = -warmUp; round < options.rounds; round++) {
    options.signal.throwIfAborted();
    const times = round % 2 === 0 ? await firstFirst(first, second) : await secondFirst(first, second);
    if (round >= 0) rounds.push(times);
  }
  const ratios = rounds.map((times) => times.second / times.first);
  return {
    firstSeconds: median(rounds.map((times) => times.first)),
    secondSeconds: median(rounds.map((times) => times.second)),
    ratio: median(ratios),
    ratioQuartiles: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
    ratios,
  };
}

async function firstFirst(first: Measured, second: Measured): Promise<{ first: number; second: number }> {
  const before = await first();
  return { first: before, second: await second() };
}

async function secondFirst(first: Measured, second: Measured): Promise<{ first: number; second: number }> {
  const before = await second();
  return { first: await first(), second: before };
}

/** How long an action takes, in seconds. */
export async function timed(action: () => unknown): Promise<number> {
  const start = performance.now();
  await action();
  return (performance.now() - start) / 1000;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** Linear between the two nearest ranks; NaN for no values. */
export function quantile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  const rank = fraction * (sorted.length - 1);
  const below = sorted[Math.floor(rank)] ?? Number.NaN;
  const above = sorted[Math.ceil(rank)] ?? Number.NaN;
  return below + (above - below) * (rank - Math.floor(rank));
}
