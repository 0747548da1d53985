import { weightedTurns } from '../search/weighted-turns.ts';

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

/**
 * How replicas divide a stage's tickets among themselves: by the pattern of their weights. One replica has them all. Throws
 * InvalidInputError as `weightedTurns`.
 */
export function replicaShares(weights: readonly number[]): readonly (TicketShare | undefined)[] {
  const turns = weightedTurns(weights);
  if (weights.length === 1) return [undefined];
  return weights.map((_, replica) => sharesOf(turns, replica));
}

const sharesOf = (turns: readonly number[], own: number): TicketShare => ({
  period: turns.length,
  remainders: [...turns.keys()].filter((ticket) => turns[ticket] === own),
});

/** Each entry once, by its key, with the turns in which it takes part: turn t is what tickets t, t + turns.length, ... have. */
export function sharedAmong<Entry extends { readonly share?: TicketShare }>(
  turns: readonly (readonly Entry[])[],
  keyOf: (entry: Entry) => string,
): Entry[] {
  const entries = new Map<string, { readonly entry: Entry; readonly remainders: number[] }>();
  for (const [remainder, turn] of turns.entries()) {
    for (const entry of turn) {
      const key = keyOf(entry);
      const known = entries.get(key) ?? { entry, remainders: [] };
      known.remainders.push(remainder);
      entries.set(key, known);
    }
  }
  return [...entries.values()].map(({ entry, remainders }) =>
    remainders.length === turns.length ? entry : { ...entry, share: { period: turns.length, remainders } },
  );
}
