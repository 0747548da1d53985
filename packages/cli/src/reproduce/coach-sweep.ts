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
