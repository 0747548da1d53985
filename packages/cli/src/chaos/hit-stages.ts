import type { DeviceId } from '@tandem/core';
import type { Standing } from './standing.ts';

/** Chooses whom to strike, so that every stage position is hit while it runs. */
export class HitStages {
  readonly #hits: Map<number, number> = new Map();

  /** Stages that were inside a victim. */
  hit(stages: readonly number[]): void {
    for (const stage of stages) this.#hits.set(stage, (this.#hits.get(stage) ?? 0) + 1);
  }

  /**
   * The device inside which the stage runs that was hit least, and those of the stages that follow; none while that stage is not running.
   * With `anyone`, another stage will do: a repair may have left fewer.
   */
  victims({ inside, runs }: Standing, together: number, anyone: boolean): DeviceId[] {
    const stages = [...runs.keys()].sort((left, right) => left - right);
    const byHits = stages.toSorted((left, right) => this.#count(left) - this.#count(right));
    for (const first of anyone ? byHits : byHits.slice(0, 1)) {
      const holder = [...inside].find(([, requests]) => [...requests.values()].includes(first))?.[0];
      if (holder === undefined) continue;
      const at = stages.indexOf(first);
      const following = stages.map((_, step) => runs.get(stages[(at + step) % stages.length] ?? 0) ?? '');
      return [...new Set([holder, ...following])].slice(0, together);
    }
    return anyone ? [...new Set(byHits.map((stage) => runs.get(stage) ?? ''))].slice(0, together) : [];
  }

  #count(stage: number): number {
    return this.#hits.get(stage) ?? 0;
  }
}
