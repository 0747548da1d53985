import { describe, expect, it } from 'vitest';
import { createRandom } from '../../random.ts';
import { minimise, minimisePaced, type Optimiser } from './optimiser.ts';
import { randomSearch, type SearchOptions } from './random-search.ts';
import type { Point, Space } from './space.ts';

const space: Space = [
  { kind: 'range', low: -1, high: 1 },
  { kind: 'choice', count: 2 },
];
const value = ([x = 0, choice = 0]: Point): number => x * x + choice;

const search = (options: Partial<SearchOptions> = {}): Optimiser =>
  randomSearch(space, { maximumEvaluations: 40, ...options }, createRandom(2));

describe('an optimiser', () => {
  it('gives the same optimum however it is driven', async () => {
    let pauses = 0;
    const paced = await minimisePaced(
      search(),
      async (point) => value(point),
      async () => {
        pauses += 1;
      },
    );
    expect(paced).toEqual(minimise(search(), value));
    expect(pauses).toBe(40);
  });

  it('ends when the pause throws', async () => {
    const stop = async (): Promise<void> => {
      throw new Error('withdrawn');
    };
    await expect(minimisePaced(search(), value, stop)).rejects.toThrow('withdrawn');
  });

  it('takes what is not a number for infeasible, and the first of equals', () => {
    const found = minimise(
      search({
        warm: [
          [0.5, 0],
          [0.25, 0],
          [0.25, 1],
        ],
      }),
      ([x = 0]) => (x === 0.5 ? Number.NaN : Math.max(x, 0.25)),
    );
    expect(found).toMatchObject({ point: [0.25, 0], value: 0.25, evaluations: 40 });
  });

  it.each<{ what: string; options: Partial<SearchOptions>; evaluations: number; flat: boolean }>([
    { what: 'its budget is spent', options: {}, evaluations: 40, flat: true },
    {
      what: 'nothing became better for as long as its patience',
      options: { patience: 7 },
      evaluations: 8,
      flat: true,
    },
    { what: 'thirty values are the same', options: { flatness: 1e-4 }, evaluations: 30, flat: true },
    { what: 'not, when values differ', options: { flatness: 1e-4 }, evaluations: 40, flat: false },
  ])('ends when $what', ({ options, evaluations, flat }) => {
    expect(minimise(search(options), flat ? () => 3 : value).evaluations).toBe(evaluations);
  });
});
