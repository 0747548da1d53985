import { describe, expect, it } from 'vitest';
import { type BenchReport, markdownReport, terminalReport } from './report.ts';

const report: BenchReport = {
  name: 'race',
  machine: {
    processor: 'Abacus',
    cores: 2,
    memoryBytes: 8 * 2 ** 30,
    system: 'Linux',
    node: 'v20',
    onnxRuntime: '1.30.0',
    loadAtStart: 0.5,
    commit: 'abc',
  },
  rows: [
    { case: 'hare', value: 12, unit: 's' },
    { case: 'tortoise', value: 0.123456, unit: 's', ratioTo: 'hare', ratio: 0.01029 },
    { case: 'snail', value: 12345.678, unit: 's' },
  ],
  remarks: ['The hare slept.'],
};

describe('report', () => {
  it('aligns columns for a terminal', () => {
    expect(terminalReport(report).split('\n')).toEqual([
      'Abacus, 2 cores, 8.0 GiB; Linux; Node v20, ONNX Runtime 1.30.0; load 0.50 at the start, commit abc',
      '',
      'case       value  unit  ratio  to',
      'hare          12  s',
      'tortoise  0.1235  s     0.010  hare',
      'snail      12346  s',
      '',
      'The hare slept.',
    ]);
  });

  it('gives a page that says how to repeat it', () => {
    const page = markdownReport(report, 'Who is faster.', '2026-01-02');
    expect(page).toContain('# race\n\nWho is faster.\n');
    expect(page).toContain('Measured on 2026-01-02: Abacus, 2 cores');
    expect(page).toContain('npm run -s bench -- race --page');
    expect(page).toContain('| tortoise | 0.1235 | s | 0.010 | hare |');
    expect(page).toContain('- The hare slept.');
  });

  it('shows tables in place of rows where a bench has them', () => {
    const tables = [
      {
        title: 'Runners',
        columns: [
          { title: 'runner', align: 'left' as const },
          { title: 's', align: 'right' as const },
        ],
        cells: [
          ['hare', '12'],
          ['tortoise', '0.1'],
        ],
      },
    ];
    expect(
      terminalReport({ ...report, tables })
        .split('\n')
        .slice(2),
    ).toEqual(['Runners', 'runner      s', 'hare       12', 'tortoise  0.1', '', 'The hare slept.']);
    const page = markdownReport({ ...report, tables }, '', '');
    expect(page).toContain('## Runners\n\n| runner | s |\n|---|---:|\n| hare | 12 |\n');
    expect(page).not.toContain('snail');
  });
});
