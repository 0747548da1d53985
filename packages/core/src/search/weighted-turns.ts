import { InvalidInputError } from '../errors.ts';

/** The longest pattern; weights are rounded to it. */
const longestPeriod = 64;

/**
 * A repeating pattern of positions in which each comes as often as its weight says, as evenly spread as can be (smooth weighted round
 * robin). Weights are above 0 and are rounded to 64ths of their sum unless they are small whole numbers; every position comes at least
 * once. Throws InvalidInputError on weights that are not above 0 and on more than 64 of them.
 */
export function weightedTurns(weights: readonly number[]): readonly number[] {
  const counts = wholeCounts(weights);
  const period = counts.reduce((sum, count) => sum + count, 0);
  const credit = counts.map(() => 0);
  return Array.from({ length: period }, () => {
    for (const [position, count] of counts.entries()) credit[position] = (credit[position] ?? 0) + count;
    const next = credit.indexOf(Math.max(...credit));
    credit[next] = (credit[next] ?? 0) - period;
    return next;
  });
}

function wholeCounts(weights: readonly number[]): readonly number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (weights.length > longestPeriod || !weights.every((weight) => weight > 0 && Number.isFinite(weight))) {
    throw new InvalidInputError(
      `replicas have the weights [${weights.slice(0, 8).join(', ')}], expected 1 to ${longestPeriod} numbers above 0`,
      'Weigh each replica by the requests a second that it manages.',
    );
  }
  const areWhole = weights.every((weight) => Number.isInteger(weight)) && sum <= longestPeriod;
  return areWhole
    ? weights
    : weights.map((weight) => Math.max(1, Math.round((weight / sum) * longestPeriod)));
}
