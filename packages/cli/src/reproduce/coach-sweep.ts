import type { SeriesPanel } from '../chart/series-chart.ts';
import type { ReproduceContext } from './claim.ts';
import {
  type Contender,
  type ContenderName,
  contenderNames,
  contenders,
  type Readings,
  readingsOf,
  type Setting,
} from './coach-testbed.ts';

/** What a contender comes to in one setting. */
export interface SweepRow extends Setting, Readings {
  readonly name: ContenderName;
}

/** All contenders in all settings, in that order of nesting: settings outside. */
export async function sweep(
  settings: readonly Setting[],
  context: ReproduceContext,
): Promise<readonly SweepRow[]> {
  const rows: SweepRow[] = [];
  for (const setting of settings) {
    for (const name of contenderNames) {
      context.signal.throwIfAborted();
      const contender: Contender = contenders[name];
      rows.push({ ...setting, name, ...(await readingsOf(setting, contender, context)) });
    }
  }
  return rows;
}

/** The row of a contender in a setting. Throws nothing: without one every value is NaN. */
export function rowOf(rows: readonly SweepRow[], wanted: Setting & Pick<SweepRow, 'name'>): Readings {
  const { network, device, megabitsPerSecond, name } = wanted;
  const row = rows.find(
    (one) =>
      one.network === network &&
      one.device === device &&
      one.megabitsPerSecond === megabitsPerSecond &&
      one.name === name,
  );
  return row ?? { alone: Number.NaN, sojourn: Number.NaN, period: Number.NaN };
}

/** A figure of each contender over the rates of `rows`, which are those of one network and device. */
export function sweepPanel(
  title: string,
  rows: readonly SweepRow[],
  label: string,
  value: (row: SweepRow) => number,
): SeriesPanel {
  return {
    title,
    x: { label: 'Mbit/s', isLogarithmic: true },
    y: { label, isLogarithmic: true },
    series: contenderNames.map((name) => ({
      label: name,
      points: rows
        .filter((row) => row.name === name)
        .map((row) => [row.megabitsPerSecond, value(row)] as const),
    })),
  };
}
