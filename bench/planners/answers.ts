import {
  type Clock,
  type ComparedPlanner,
  comparePlanners,
  createRandom,
  losslessPlannerNames,
  type Problem,
  type Seconds,
} from '@tandem/core';
import { systemClock } from '@tandem/node';

/** What one planner came to on one problem. */
export interface Answer {
  readonly name: string;
  /** 'violating': it gave a plan that is invalid or breaks a constraint. */
  readonly kind: 'feasible' | 'infeasible' | 'violating' | 'unsupported';
  /** By the objective; null unless feasible. */
  readonly value: number | null;
  /** value / what the planner proved − 1; null where it proves nothing. */
  readonly gap: number | null;
  /** The same over what it proved of placements of the chain. */
  readonly chainGap: number | null;
  readonly milliseconds: number;
  /** The longest that it gave way to nobody, as far as it looked at the clock. */
  readonly longestPause: number;
}

/** Every planner whose plans leave the answer as it is, on one problem: coded plans would be no fair yardstick. */
export async function answersTo(problem: Problem, seed: number, signal: AbortSignal): Promise<Answer[]> {
  const clock = new PauseClock();
  const context = { problemDigest: '', random: createRandom(seed), clock, signal };
  const { rows } = await comparePlanners(problem, losslessPlannerNames, context, (name) => clock.start(name));
  return rows.map((row) => {
    const { name, value, gap, chainGap, result } = row;
    const milliseconds = result.kind === 'unsupported' ? 0 : result.planningSeconds * 1e3;
    const longestPause = clock.longest(name);
    return { name, kind: kindOf(row), value, gap, chainGap, milliseconds, longestPause };
  });
}

/** The machine's clock, which notes at each look how long ago the planner gave way last. */
class PauseClock implements Clock {
  readonly #longest = new Map<string, number>();
  #name = '';
  #gaveWay: number | null = null;

  start(name: string): void {
    this.#name = name;
    this.#gaveWay = null;
  }

  /** Milliseconds. */
  longest(name: string): number {
    return this.#longest.get(name) ?? 0;
  }

  now(): Seconds {
    const now = systemClock.now();
    this.#gaveWay ??= now;
    this.#longest.set(this.#name, Math.max(this.longest(this.#name), (now - this.#gaveWay) * 1e3));
    return now;
  }

  async sleep(duration: Seconds, signal: AbortSignal): Promise<void> {
    await systemClock.sleep(duration, signal);
    this.#gaveWay = null;
  }
}

function kindOf({ feasible, result }: ComparedPlanner): Answer['kind'] {
  if (feasible) return 'feasible';
  return result.kind === 'plan' ? 'violating' : result.kind;
}
