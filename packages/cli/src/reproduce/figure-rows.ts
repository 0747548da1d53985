import type { Reproduction } from './reproduction.ts';

/** One figure of a claim as it is shown to people. */
export interface FigureRow {
  readonly name: string;
  readonly paper: string;
  readonly ours: string;
  readonly ratio: string;
  readonly unit: string;
  readonly tolerance: string;
  readonly where: string;
}

export function figureRows(reproduction: Reproduction): readonly FigureRow[] {
  return Object.keys(reproduction.paper).map((name) => ({
    name,
    paper: numberText(reproduction.paper[name] ?? null),
    ours: numberText(reproduction.ours[name] ?? null),
    ratio: reproduction.ratio[name]?.toFixed(3) ?? '',
    unit: reproduction.unit[name] ?? '',
    tolerance: reproduction.tolerance[name] ?? '',
    where: reproduction.where[name] ?? '',
  }));
}

/** Whole numbers whole, others with four significant digits. */
function numberText(value: number | null): string {
  if (value === null) return '–';
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}
