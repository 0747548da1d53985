/** How far reactions have gone, the cheapest first: rung 0 = none. `stepLadder` changes it in place. JSON-able. */
export interface Ladder {
  rung: number;
  movedAt: number;
}

export const ladder = (): Ladder => ({ rung: 0, movedAt: -1e9 });

/**
 * One rung towards `wanted`, at most one every `dwellSeconds`: a reaction is given time to work before the next. Returns by how much it
 * moved: 1, −1 or 0.
 */
export function stepLadder(state: Ladder, wanted: number, now: number, dwellSeconds: number): -1 | 0 | 1 {
  const way = Math.sign(wanted - state.rung);
  if ((way !== 1 && way !== -1) || now < state.movedAt + dwellSeconds) return 0;
  state.rung += way;
  state.movedAt = now;
  return way;
}
