import type { DynamicsAction, Effect } from './dynamics-action.ts';

/** How far reactions have gone, the cheapest first: rung 0 = none. `climbLadder` changes it in place. JSON-able. */
export interface Ladder {
  rung: number;
  movedAt: number;
}

export const ladder = (): Ladder => ({ rung: 0, movedAt: -1e9 });

/** Reactions of what reacts step by step. */
interface RungNames {
  /** Of a hot device, or of one whose battery runs out. */
  readonly heat: 'clocks' | 'shift-layers' | 'exit-threshold' | 'duty-cycle' | 'refuse';
  readonly quality: 'exit-threshold' | 'bits' | 'recalibrate';
  readonly load: 'objective' | 'exit-threshold' | 'admission';
}

type Climbing = keyof RungNames;

/** The rungs of ladders, from 1 on. */
export const rungs: { readonly [Kind in Climbing]: readonly RungNames[Kind][] } = {
  heat: ['clocks', 'shift-layers', 'exit-threshold', 'duty-cycle', 'refuse'],
  quality: ['exit-threshold', 'bits', 'recalibrate'],
  load: ['objective', 'exit-threshold', 'admission'],
};

/** On which rung a reaction is taken. */
export function rungNumber<Kind extends Climbing>(dynamic: Kind, reaction: RungNames[Kind]): number {
  return rungs[dynamic].indexOf(reaction) + 1;
}

/**
 * One rung towards `wanted`, at most one every `dwellSeconds`: a reaction is given time to work before the next. Returns by how much it
 * moved: 1, −1 or 0.
 */
function stepLadder(state: Ladder, wanted: number, now: number, dwellSeconds: number): -1 | 0 | 1 {
  const way = Math.sign(wanted - state.rung);
  if ((way !== 1 && way !== -1) || now < state.movedAt + dwellSeconds) return 0;
  state.rung += way;
  state.movedAt = now;
  return way;
}

export interface Climb<Kind extends Climbing> {
  readonly dynamic: Kind;
  /** A rung. */
  readonly wanted: number;
  readonly now: number;
  readonly dwellSeconds: number;
  readonly saw: string;
  /** What is to be done about a rung that was just taken, or taken back; null = nothing changes by it. */
  readonly effectOf: (reaction: RungNames[Kind], isTaken: boolean) => Effect | null;
}

export interface Climbed<Kind extends Climbing> {
  readonly action: DynamicsAction;
  readonly reaction: RungNames[Kind];
  readonly isTaken: boolean;
}

/** Steps a ladder and says what for; a rung by which nothing changes is no step. Null where it may not move. */
export function climbLadder<Kind extends Climbing>(
  state: Ladder,
  { dynamic, wanted, now, dwellSeconds, saw, effectOf }: Climb<Kind>,
): Climbed<Kind> | null {
  const names = rungs[dynamic];
  for (let dwell = dwellSeconds; ; dwell = 0) {
    const way = stepLadder(state, wanted, now, dwell);
    const isTaken = way > 0;
    const reaction = way === 0 ? undefined : names[isTaken ? state.rung - 1 : state.rung];
    if (reaction === undefined) return null;
    const effect = effectOf(reaction, isTaken);
    if (effect === null) continue;
    const taken = names.slice(0, state.rung).join(', ') || 'none';
    const considered = `rung ${state.rung} of ${names.length}: ${taken}`;
    const why = isTaken ? 'the next cheapest reaction is taken' : 'the last reaction is taken back';
    return { action: { dynamic, reaction, saw, considered, why, effect }, reaction, isTaken };
  }
}
