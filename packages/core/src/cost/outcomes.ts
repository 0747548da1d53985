import { InvalidInputError } from '../errors.ts';
import { type ExitHead, headOf } from '../plan/exit-table.ts';
import type { Plan } from '../plan/plan.ts';
import type { ExitPoint } from '../plan/policies.ts';
import type { PlacedStage } from './placed-stage.ts';
import type { ProblemIndex } from './problem-index.ts';

/** One way in which a request can end: at an exit, or having run all. */
export interface Outcome {
  /** Of all requests. */
  readonly share: number;
  /** Position of the last stage that it runs; infinity = all, and the answers travel as the plan's transfers say. */
  readonly lastStage: number;
  /** Where the exit's answer arises and its size; null = the model's own answers. */
  readonly answer: { readonly device: number; readonly bytes: number } | null;
}

/** An exit of a plan, where its stages are. */
export interface PlacedExit {
  readonly point: ExitPoint;
  readonly head: ExitHead;
  readonly stage: number;
}

/** Throws InvalidInputError where an exit is not at the end of a stage, or the problem's table does not know its head. */
export function placedExits(
  { problem }: ProblemIndex,
  { policies }: Pick<Plan, 'policies'>,
  stages: readonly PlacedStage[],
): readonly PlacedExit[] {
  return (policies?.exits?.points ?? []).map((point) => {
    const head = headOf(problem.exits, point);
    const stage = stages.findIndex(({ facts }) => facts.outputs.includes(point.tensor));
    if (head !== undefined && stage >= 0) return { point, head, stage };
    throw new InvalidInputError(
      `the plan has a ${point.kind} exit at tensor ${point.tensor}, expected one of the problem's table at the end of a stage`,
      'Check plans from elsewhere with validatePlan before pricing them.',
    );
  });
}

/** In the order of the exits, the request that stays last. Shares that add up to a hair more than 1 leave nobody. */
export function outcomesOf(exits: readonly PlacedExit[], stages: readonly PlacedStage[]): readonly Outcome[] {
  let staying = 1;
  const leaving = exits.map(({ point, head, stage }): Outcome => {
    staying -= point.share;
    const device = stages[stage]?.device ?? -1;
    return { share: point.share, lastStage: stage, answer: { device, bytes: head.answerBytes } };
  });
  return [...leaving, { share: atLeastNothing(staying), lastStage: Number.POSITIVE_INFINITY, answer: null }];
}

/** Rounding of shares that add up to 1 must not let a trillionth of the requests stay, who could meet a link that never ends. */
const atLeastNothing = (share: number): number => (share < 1e-12 ? 0 : share);

/** Which tasks of a request's schedule, stages first, a request does that leaves early. */
export interface Reach {
  readonly stages: number;
  /** By task: the stage that a request must reach to do it. */
  readonly neededBy: readonly number[];
}

export function reachOf({ transfers }: Pick<Plan, 'transfers'>, stages: readonly PlacedStage[]): Reach {
  const arrivals = transfers.map(({ tensor, to }) => {
    const reader = stages.findIndex(
      ({ deviceId, facts }) => deviceId === to && facts.inputs.includes(tensor),
    );
    return reader < 0 ? stages.length : reader;
  });
  return { stages: stages.length, neededBy: [...stages.keys(), ...arrivals] };
}
