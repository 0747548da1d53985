import { InvalidInputError } from '../errors.ts';

/** Which tickets of a version are meant: those whose remainder by `period` is listed. */
export interface TicketShare {
  readonly period: number;
  /** At least one, each in [0, period). */
  readonly remainders: readonly number[];
}

/** Whether the ticket is one of the share's; no share = every ticket. */
export function covers(share: TicketShare | undefined, ticket: number): boolean {
  return share === undefined || share.remainders.includes(ticket % share.period);
}

/** The longest pattern of replicas; weights are rounded to it. */
const longestPeriod = 64;

/**
 * How replicas divide a stage's tickets among themselves: a repeating pattern in which each comes as often as its weight says, as evenly
 * spread as can be (smooth weighted round robin). Weights are above 0 and are rounded to 64ths of their sum unless they are small whole
 * numbers; every replica has at least one ticket. One replica has them all. Throws InvalidInputError on weights that are not above 0
 * and on more than 64 of them.
 */
export function replicaShares(weights: readonly number[]): readonly (TicketShare | undefined)[] {
  if (weights.length === 1) return [undefined];
  const counts = wholeCounts(weights);
  const period = counts.reduce((sum, count) => sum + count, 0);
  const credit = counts.map(() => 0);
  const remainders = counts.map((): number[] => []);
  for (let ticket = 0; ticket < period; ticket++) {
    for (const [replica, count] of counts.entries()) credit[replica] = (credit[replica] ?? 0) + count;
    const next = credit.indexOf(Math.max(...credit));
    credit[next] = (credit[next] ?? 0) - period;
    remainders[next]?.push(ticket);
  }
  return remainders.map((own) => ({ period, remainders: own }));
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
