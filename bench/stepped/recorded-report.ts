import type { BenchRow, BenchTable } from '../bench.ts';
import type { Phase } from './course-figures.ts';

/** A plan under a recording. */
export interface RecordedRun {
  /** Names the recording. */
  readonly link: string;
  readonly planner: string;
  readonly phase: Phase;
  /** Answers a second. */
  readonly oracle: number;
}

/** Each run, beside the simulator, the oracle and the rival under the same recording. */
export function recordedRows(runs: readonly RecordedRun[], rival: string): BenchRow[] {
  return runs.flatMap((run) => {
    const { link, planner, phase, oracle } = run;
    const { simulated, measured } = phase;
    const { requestsPerSecond: value } = measured;
    const name = `${link}: ${planner}`;
    const other = rivalOf(run, runs, rival);
    const inRatio = (what: string, ratio: number, to: string): BenchRow => ({
      case: `${name}, ${what}`,
      value,
      unit: 'requests/s',
      ratio,
      ratioTo: to,
    });
    return [
      inRatio('simulated', simulated / value, `simulated ${simulated.toFixed(2)}`),
      inRatio('of the oracle', value / oracle, `oracle ${oracle.toFixed(2)}`),
      ...(other === null ? [] : [inRatio(`over ${rival}`, value / other, `${link}: ${rival}`)]),
    ];
  });
}

/** What the rival came to under the same recording; null for itself, and where it was not measured. */
function rivalOf({ link, planner }: RecordedRun, runs: readonly RecordedRun[], rival: string): number | null {
  const other = runs.find((run) => run.link === link && run.planner === rival);
  return planner === rival ? null : (other?.phase.measured.requestsPerSecond ?? null);
}

export function recordedTable(runs: readonly RecordedRun[], rival: string): BenchTable {
  const left = (title: string) => ({ title, align: 'left' }) as const;
  const right = (title: string) => ({ title, align: 'right' }) as const;
  return {
    title: 'Measured (simulated)',
    columns: [
      left('recording'),
      left('planner'),
      right('requests/s'),
      right('bits'),
      right('% of the oracle'),
      right(`times ${rival}`),
    ],
    cells: runs.map((run) => {
      const { measured, simulated } = run.phase;
      const value = measured.requestsPerSecond;
      const share = (own: number): string => ((100 * own) / run.oracle).toFixed(0);
      const other = rivalOf(run, runs, rival);
      return [
        run.link,
        run.planner,
        `${value.toFixed(2)} (${simulated.toFixed(2)})`,
        measured.meanBits?.toFixed(2) ?? '',
        `${share(value)} (${share(simulated)})`,
        other === null ? '' : (value / other).toFixed(2),
      ];
    }),
  };
}
