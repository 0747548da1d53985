import type { Stage, Variant } from './plan.ts';

/** Which stages several ways of running requests have in common. */
export interface StageNumbers {
  /** By way and position in it: the number of that stage. */
  readonly numbers: readonly (readonly number[])[];
  /** By number: as the first way has it that runs it. */
  readonly stages: readonly Stage[];
}

/**
 * Stages of the same nodes, on whichever device, are one stage: its requests keep their order wherever it runs. The first way's have their
 * positions as numbers; what others run beside those is numbered on.
 */
export function stageNumbers(ways: readonly Pick<Variant, 'stages'>[]): StageNumbers {
  const known = new Map<string, number>();
  const stages: Stage[] = [];
  const numbers = ways.map((way) =>
    way.stages.map((stage) => {
      const { device: _device, ...what } = stage;
      const key = JSON.stringify(what);
      const number = known.get(key) ?? stages.push(stage) - 1;
      known.set(key, number);
      return number;
    }),
  );
  return { numbers, stages };
}
