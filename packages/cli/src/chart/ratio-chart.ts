import { dot, ruleX } from '@observablehq/plot';
import { shortName } from '../short-name.ts';
import { drawChart, margins } from './draw.ts';

/** One figure of a claim: ours over the paper's, and whether that is near enough. */
export interface RatioRow {
  readonly name: string;
  readonly ratio: number;
  readonly isWithin: boolean;
}

const colours = { within: '#0072b2', beyond: '#d55e00' } as const;
const rowHeight = 22;
/** Of the names beside the rows. */
const marginLeft = 400;

/** A dot a figure, beside the line on which ours is the paper's, as SVG. */
export function ratioChart(title: string, rows: readonly RatioRow[]): string {
  const drawn = rows.map((row, at) => ({ ...row, row: `${at + 1}. ${shortName(row.name, 52)}` }));
  return drawChart([
    {
      title,
      legend: [
        { label: 'within the tolerance', colour: colours.within },
        { label: 'beyond it', colour: colours.beyond },
      ],
      height: margins.marginTop + margins.marginBottom + rowHeight * Math.max(1, rows.length),
      options: {
        marginLeft,
        x: { label: 'ours / the paper’s →', grid: true },
        y: { domain: drawn.map(({ row }) => row), label: null, tickSize: 0 },
      },
      marks: [
        ruleX([1], { stroke: 'black' }),
        dot(drawn, {
          x: 'ratio',
          y: 'row',
          r: 4,
          fill: ({ isWithin }: RatioRow) => (isWithin ? colours.within : colours.beyond),
        }),
      ],
    },
  ]);
}
