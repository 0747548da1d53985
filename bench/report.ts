import type { BenchResult, BenchRow } from './bench.ts';
import { type Machine, machineText } from './machine.ts';

/** What `--json` prints. */
export interface BenchReport extends BenchResult {
  readonly name: string;
  readonly machine: Machine;
}

/** Aligned columns for a terminal. */
export function terminalReport(report: BenchReport): string {
  const cells = [['case', 'value', 'unit', 'ratio', 'to'], ...report.rows.map(cellsOf)];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) =>
    row.map((cell, column) => pad(cell, column, widths[column] ?? 0)).join('  '),
  );
  return [
    machineText(report.machine),
    '',
    ...lines.map((line) => line.trimEnd()),
    '',
    ...report.remarks,
  ].join('\n');
}

/** Numbers stand to the right. */
const pad = (cell: string, column: number, width: number): string =>
  column === 1 || column === 3 ? cell.padStart(width) : cell.padEnd(width);

/** The page kept in bench/results. */
export function markdownReport(report: BenchReport, title: string, date: string): string {
  const rows = report.rows.map((row) => `| ${cellsOf(row).join(' | ')} |`);
  return [
    `# ${report.name}`,
    '',
    title,
    '',
    `Measured on ${date}: ${machineText(report.machine)}.`,
    `Repeat with \`npm run -s bench -- ${report.name} --page\`. Metrics and their limits: [METHODOLOGY](../METHODOLOGY.md).`,
    '',
    '| case | value | unit | ratio | to |',
    '|---|---:|---|---:|---|',
    ...rows,
    '',
    ...report.remarks.map((remark) => `- ${remark}`),
    '',
  ].join('\n');
}

const cellsOf = (row: BenchRow): string[] => [
  row.case,
  numberText(row.value),
  row.unit,
  row.ratio === undefined ? '' : row.ratio.toFixed(3),
  row.ratioTo ?? '',
];

/** Four significant digits, whole numbers whole. */
function numberText(value: number): string {
  if (Number.isInteger(value)) return String(value);
  const magnitude = Math.abs(value);
  if (magnitude >= 1000) return value.toFixed(0);
  return magnitude >= 1e-4 ? value.toPrecision(4) : value.toExponential(2);
}
