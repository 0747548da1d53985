import { createRandom, type Point, type Space } from '@tandem/core';
import type { BenchContext, BenchResult, BenchRow } from '../bench.ts';
import { median } from '../paired.ts';
import { ownSearch, type Searched } from './own-search.ts';

const seeds = 20;
const trials = 300;
const dimensions = [5, 20] as const;
/** Ours, and what most programs draw. */
const candidates = { ours: 2, usual: 24 } as const;

interface Target {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  readonly value: (point: Point) => number;
}

const sumOver = (point: Point, term: (x: number, axis: number) => number): number =>
  point.reduce((sum, x, axis) => sum + term(x, axis), 0);

/** Where the least value is differs from axis to axis, so that no search gets all by finding one. */
const away = (axis: number): number => 3 * Math.sin(1 + axis);

const targets: readonly Target[] = [
  { name: 'Σ 1/x + x²', low: 0.5, high: 1, value: (point) => sumOver(point, (x) => 1 / x + x * x) },
  { name: 'sphere', low: -5, high: 5, value: (point) => sumOver(point, (x, axis) => (x - away(axis)) ** 2) },
  {
    name: 'Rastrigin',
    low: -5,
    high: 5,
    value: (point) =>
      sumOver(point, (x, axis) => {
        const far = x - away(axis);
        return 10 + far * far - 10 * Math.cos(2 * Math.PI * far);
      }),
  },
  {
    name: 'Rosenbrock',
    low: -2,
    high: 2,
    value: (point) =>
      sumOver(point.slice(1), (x, axis) => {
        const before = point[axis] ?? 0;
        return 100 * (x - before ** 2) ** 2 + (1 - before) ** 2;
      }),
  },
];

/** The Parzen search with as many candidates as ours draws, and with as many as most programs draw, seed by seed on the same functions. */
export function candidatesContest(context: BenchContext): BenchResult {
  const rows: BenchRow[] = [];
  const times: { few: number[]; many: number[] } = { few: [], many: [] };
  for (const target of targets)
    for (const count of dimensions) {
      context.signal.throwIfAborted();
      const name = `TPE, ${target.name}, ${count} dimensions, value after ${trials} trials`;
      context.progress(name);
      const [few, many] = contest(target, count);
      rows.push(...valueRows(name, few, many));
      if (count !== 20) continue;
      times.few.push(...few.map(({ seconds }) => seconds));
      times.many.push(...many.map(({ seconds }) => seconds));
    }
  const trial = `TPE, a trial at 20 dimensions, ${candidates.ours} candidates`;
  const [few, many] = [median(times.few), median(times.many)];
  const other = `TPE, a trial at 20 dimensions, ${candidates.usual} candidates`;
  rows.push(
    { case: trial, value: few, unit: 's' },
    { case: other, value: many, unit: 's', ratioTo: trial, ratio: many / few },
  );
  return { rows, remarks: [remark] };
}

const remark =
  `TPE with ${candidates.ours} candidates a dimension, as ours draws, against ${candidates.usual}: ${seeds} seeds in turn, ${trials} trials each, the median over seeds, ` +
  'nothing else changed. better: in how many seeds the few came to the lower value. Sphere and Rastrigin have their least value elsewhere on each axis.';

function contest(target: Target, count: number): readonly [readonly Searched[], readonly Searched[]] {
  const { low, high, value } = target;
  const space: Space = Array.from({ length: count }, () => ({ kind: 'range', low, high }));
  const search = (seed: number, drawn: number): Searched =>
    ownSearch({
      space,
      objective: value,
      trials,
      seed,
      warm: warmPoints(seed, count, target),
      candidates: drawn,
    });
  const few: Searched[] = [];
  const many: Searched[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    few.push(search(seed, candidates.ours));
    many.push(search(seed, candidates.usual));
  }
  return [few, many];
}

function warmPoints(seed: number, count: number, { low, high }: Target): Point[] {
  const random = createRandom(seed).split('warm');
  const point = (): Point => Array.from({ length: count }, () => low + (high - low) * random.next());
  return Array.from({ length: 10 }, point);
}

function valueRows(name: string, few: readonly Searched[], many: readonly Searched[]): BenchRow[] {
  const [least, other] = [few, many].map((searched) => median(searched.map(({ value }) => value)));
  const better = few.filter(({ value }, seed) => value < (many[seed]?.value ?? 0)).length;
  const usual = `${name}, ${candidates.usual} candidates`;
  return [
    { case: name, value: least ?? 0, unit: '' },
    { case: usual, value: other ?? 0, unit: '', ratioTo: name, ratio: (other ?? 0) / (least ?? 1) },
    { case: `${name}, better`, value: better, unit: `of ${seeds}` },
  ];
}
