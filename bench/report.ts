import type { BenchColumn, BenchResult, BenchRow, BenchTable } from './bench.ts';
import { type Machine, machineText } from './machine.ts';

/** What `--json` prints. */
export interface BenchReport extends BenchResult {
  readonly name: string;
  readonly machine: Machine;
}

/** Aligned columns for a terminal. */
export function terminalReport(report: BenchReport): string {
  const tables = report.tables ?? [rowsTable(report.rows)];
  const texts = tables.flatMap((table) => [...alignedLines(table), '']);
  return [machineText(report.machine), '', ...texts, ...report.remarks].join('\n');
}

function alignedLines({ title, columns, cells }: BenchTable): string[] {
  const lines = [columns.map((column) => column.title), ...cells];
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const pad = (cell: string, column: number): string =>
    columns[column]?.align === 'right'
      ? cell.padStart(widths[column] ?? 0)
      : cell.padEnd(widths[column] ?? 0);
  const text = lines.map((line) => line.map(pad).join('  ').trimEnd());
  return title === '' ? text : [title, ...text];
}

/** The page kept in bench/results. */
export function markdownReport(report: BenchReport, title: string, date: string): string {
  const tables = report.tables ?? [rowsTable(report.rows)];
  return [
    `# ${report.name}`,
    '',
    title,
    '',
    `Measured on ${date}: ${machineText(report.machine)}.`,
    `Repeat with \`npm run -s bench -- ${report.name} --page\`. Metrics and their limits: [METHODOLOGY](../METHODOLOGY.md).`,
    '',
    ...tables.flatMap(markdownLines),
    ...report.remarks.map((remark) => `- ${remark}`),
    '',
  ].join('\n');
}

function markdownLines({ title, columns, cells }: BenchTable): string[] {
  const line = (texts: readonly string[]): string => `| ${texts.join(' | ')} |`;
  const sides = columns.map(({ align }) => (align === 'right' ? '---:' : '---'));
  return [
    ...(title === '' ? [] : [`## ${title}`, '']),
    line(columns.map((column) => column.title)),
    `|${sides.join('|')}|`,
    ...cells.map(line),
    '',
  ];
}

const rowColumns: readonly BenchColumn[] = [
  { title: 'case', align: 'left' },
  { title: 'value', align: 'right' },
  { title: 'unit', align: 'left' },
  { title: 'ratio', align: 'right' },
  { title: 'to', align: 'left' },
];

const rowsTable = (rows: readonly BenchRow[]): BenchTable => ({
  title: '',
  columns: rowColumns,
  cells: rows.map(cellsOf),
});

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
