import { seconds } from '../units.ts';
import type { MeasuredRow, PaceClock } from './profile-file.ts';

/**
 * What the warm `rows`, measured as the machine was found, take on a device that is held to a share of its speed: each time divided by
 * the share, as an emulated device is paced. Arithmetic, not a measurement; codecs and first runs have no pace.
 */
export function pacedRows(rows: readonly MeasuredRow[], clock: PaceClock): MeasuredRow[] {
  return rows
    .filter((row) => row.state === 'warm' && row.kind !== 'codec' && row.clock === undefined)
    .map((row) => ({
      ...row,
      clock,
      seconds: seconds(row.seconds / clock.share),
      spreadSeconds: seconds(row.spreadSeconds / clock.share),
    }));
}
