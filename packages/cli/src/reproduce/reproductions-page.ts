import { type FigureRow, figureRows } from './figure-rows.ts';
import type { Reproduction } from './reproduction.ts';

/** All claims as a Markdown page; it holds no dates and no times, so the same code writes the same page. */
export function reproductionsPage(reproductions: readonly Reproduction[]): string {
  return [
    '# Claims of papers, reproduced',
    '',
    'Written by `tandem reproduce all --page FILE`. A verdict follows from the tolerances in the table, which are part of the claim’s',
    'definition: *holds* = every judged figure is within its tolerance, *fails* = none is, *partly* = some are.',
    '',
    '| id | claim | verdict |',
    '|---|---|---|',
    ...reproductions.map(({ id, claim, verdict }) => tableRow([id, claim, verdict])),
    '',
    ...reproductions.flatMap(section),
  ].join('\n');
}

function section(reproduction: Reproduction): readonly string[] {
  const { id, verdict, claim, source, standIn, remarks } = reproduction;
  return [
    `## ${id}: ${verdict}`,
    '',
    claim,
    '',
    '| figure | paper | ours | ratio | unit | tolerance | where |',
    '|---|---:|---:|---:|---|---|---|',
    ...figureRows(reproduction).map(figureRow),
    '',
    `- Source: ${source}`,
    `- Stand-in: ${standIn}`,
    ...remarks.map((remark) => `- ${remark}`),
    '',
  ];
}

const figureRow = ({ name, paper, ours, ratio, unit, tolerance, where }: FigureRow): string =>
  tableRow([name, paper, ours, ratio, unit, tolerance, where]);

const tableRow = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
