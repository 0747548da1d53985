import { gapOver } from '@tandem/core';
import { median, quantile } from '../paired.ts';
import type { Answer } from './answers.ts';

/** One planner over many problems; shares are of 1, figures null where there is nothing to take them over. */
export interface Score {
  readonly name: string;
  /** Problems that it treats. */
  readonly asked: number;
  /** Of those that it treats and that some planner has a plan for: it has none. */
  readonly withoutPlan: number | null;
  /** Of those that it treats: its plan is invalid or breaks a constraint. */
  readonly violating: number | null;
  /** Of its plans: as good as the best of all planners'. */
  readonly atBest: number | null;
  /** Of its plans' values over the best of all planners'. */
  readonly gap: Spread | null;
  /** The same over what it proved itself, of its family of plans and of placements of the chain. */
  readonly provenGap: Spread | null;
  readonly chainGap: Spread | null;
  readonly milliseconds: { readonly median: number; readonly worst: number } | null;
  /** In milliseconds: the median and ninth decile over problems of the longest time without giving way. */
  readonly pause: { readonly median: number; readonly ninth: number } | null;
}

interface Spread {
  readonly median: number;
  readonly ninth: number;
  readonly worst: number;
}

/** A row for each planner, in the order of the answers; `problems` are of one objective. */
export function scoresOf(problems: readonly (readonly Answer[])[]): Score[] {
  const names = [...new Set(problems.flatMap((answers) => answers.map(({ name }) => name)))];
  return names.map((name) => scoreOf(name, problems));
}

function scoreOf(name: string, problems: readonly (readonly Answer[])[]): Score {
  const treated = problems.flatMap((answers) => {
    const answer = answers.find((each) => each.name === name);
    return answer === undefined || answer.kind === 'unsupported' ? [] : [{ answer, best: bestOf(answers) }];
  });
  const solvable = treated.filter(({ best }) => best !== null);
  const gaps = treated.flatMap(({ answer: { value }, best }) =>
    value === null || best === null ? [] : [gapOver(value, best)],
  );
  const proven = (key: 'gap' | 'chainGap'): number[] =>
    treated.flatMap(({ answer }) => (answer[key] === null ? [] : [answer[key]]));
  const times = treated.map(({ answer: { milliseconds } }) => milliseconds);
  const pauses = treated.map(({ answer: { longestPause } }) => longestPause);
  return {
    name,
    asked: treated.length,
    withoutPlan: share(solvable, ({ answer }) => answer.kind !== 'feasible'),
    violating: share(treated, ({ answer }) => answer.kind === 'violating'),
    atBest: share(gaps, (gap) => gap === 0),
    gap: spreadOf(gaps),
    provenGap: spreadOf(proven('gap')),
    chainGap: spreadOf(proven('chainGap')),
    pause: pauses.length === 0 ? null : { median: median(pauses), ninth: quantile(pauses, 0.9) },
    milliseconds: times.length === 0 ? null : { median: median(times), worst: Math.max(...times) },
  };
}

function spreadOf(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  return { median: median(values), ninth: quantile(values, 0.9), worst: Math.max(...values) };
}

function bestOf(answers: readonly Answer[]): number | null {
  const values = answers.flatMap(({ value }) => (value === null ? [] : [value]));
  return values.length === 0 ? null : Math.min(...values);
}

const share = <Item>(items: readonly Item[], holds: (item: Item) => boolean): number | null =>
  items.length === 0 ? null : items.filter(holds).length / items.length;
