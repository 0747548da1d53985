import { describe, expect, it } from 'vitest';
import { believedPhase } from './believed-phase.ts';
import { type RecordedRun, recordedRows, recordedTable } from './recorded-report.ts';

const run = (planner: string, requestsPerSecond: number, meanBits: number | null): RecordedRun => ({
  link: '4G, drive',
  planner,
  oracle: 20,
  phase: believedPhase({ megabitsPerSecond: 10, simulated: 12, requestsPerSecond, meanBits }),
});

describe('the report of runs under recordings', () => {
  const runs = [run('COACH', 15, 6.5), run('JPS', 10, null)];

  it('holds each against simulator, oracle and rival, and the rival not against itself', () => {
    const rows = recordedRows(runs, 'JPS').map((row) => [row.case, row.ratio]);
    expect(rows).toEqual([
      ['4G, drive: COACH, simulated', 0.8],
      ['4G, drive: COACH, of the oracle', 0.75],
      ['4G, drive: COACH, over JPS', 1.5],
      ['4G, drive: JPS, simulated', 1.2],
      ['4G, drive: JPS, of the oracle', 0.5],
    ]);
  });

  it('shows them side by side', () =>
    expect(recordedTable(runs, 'JPS').cells).toEqual([
      ['4G, drive', 'COACH', '15.00 (12.00)', '6.50', '75 (60)', '1.50'],
      ['4G, drive', 'JPS', '10.00 (12.00)', '', '50 (60)', ''],
    ]));

  it('does without a rival that was not measured', () =>
    expect(recordedTable(runs.slice(0, 1), 'JPS').cells[0]?.at(-1)).toBe(''));
});
