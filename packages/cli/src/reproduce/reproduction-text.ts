import { type Column, textTable } from '../text-table.ts';
import type { Claim } from './claim.ts';
import { type FigureRow, figureRows } from './figure-rows.ts';
import type { Reproduction } from './reproduction.ts';

const columns: readonly Column<FigureRow>[] = [
  { title: 'figure', align: 'left', cell: ({ name }) => name },
  { title: 'paper', align: 'right', cell: ({ paper }) => paper },
  { title: 'ours', align: 'right', cell: ({ ours }) => ours },
  { title: 'ratio', align: 'right', cell: ({ ratio }) => ratio },
  { title: 'unit', align: 'left', cell: ({ unit }) => unit },
  { title: 'tolerance', align: 'left', cell: ({ tolerance }) => tolerance },
  { title: 'where', align: 'left', cell: ({ where }) => where },
];

/** One claim for a terminal. */
export function reproductionText(reproduction: Reproduction): string {
  const { id, claim, source, standIn, verdict, remarks } = reproduction;
  return [
    `${id}  ${verdict}: ${claim}`,
    `  ${source}`,
    '',
    textTable(columns, figureRows(reproduction)),
    '',
    `  Stand-in: ${standIn}`,
    ...remarks.map((remark) => `  ${remark}`),
  ].join('\n');
}

/** Several claims, one below the other, and the verdicts once more at the end. */
export function reproductionsText(reproductions: readonly Reproduction[]): string {
  const verdicts = reproductions.map(({ id, verdict, claim }) => ({ id, verdict, claim }));
  const summary = textTable(
    [
      { title: 'id', align: 'left', cell: ({ id }) => id },
      { title: 'verdict', align: 'left', cell: ({ verdict }) => verdict },
      { title: 'claim', align: 'left', cell: ({ claim }) => claim },
    ],
    verdicts,
  );
  return [...reproductions.map(reproductionText), summary].join('\n\n');
}

/** What there is to reproduce. */
export function claimsText(listed: readonly (readonly [id: string, claim: Claim])[]): string {
  const table = textTable<readonly [string, Claim]>(
    [
      { title: 'id', align: 'left', cell: ([id]) => id },
      { title: 'claim', align: 'left', cell: ([, { claim }]) => claim },
    ],
    listed,
  );
  return `${table}\n\n  tandem reproduce ID, or all`;
}
