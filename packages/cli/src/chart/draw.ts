import { type Markish, type PlotOptions, plot, text } from '@observablehq/plot';
import { parseHTML } from 'linkedom';

/** One drawing of a chart; several stand below each other. */
export interface Panel {
  readonly title: string;
  /** What the colours mean. */
  readonly legend: readonly LegendEntry[];
  readonly height: number;
  /** Axes and margins; `chartWidth` wide. */
  readonly options: PlotOptions;
  readonly marks: readonly Markish[];
}

export interface LegendEntry {
  readonly label: string;
  readonly colour: string;
}

/** In pixels. */
export const chartWidth = 960;
/** Room for axis labels; the same in every panel, so that panels line up. */
export const margins: {
  readonly marginLeft: number;
  readonly marginRight: number;
  readonly marginTop: number;
  readonly marginBottom: number;
} = { marginLeft: 120, marginRight: 30, marginTop: 64, marginBottom: 44 };
const fontSize = 12;
/** About the width of a letter, in pixels. */
export const letterWidth = 6.8;

/** A standalone SVG document on white, the same text for the same panels. */
export function drawChart(panels: readonly Panel[]): string {
  let top = 0;
  const parts = panels.map((panel) => {
    const part = `<g transform="translate(0,${top})">${drawPanel(panel)}</g>`;
    top += panel.height;
    return part;
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${chartWidth}" height="${top}" viewBox="0 0 ${chartWidth} ${top}" ` +
    `color="black">\n<rect width="100%" height="100%" fill="white"/>\n${parts.join('\n')}\n</svg>\n`
  );
}

function drawPanel({ title, legend, height, options, marks }: Panel): string {
  const drawn: unknown = plot({
    ...margins,
    ...options,
    document: emptyDocument(),
    className: 'tandem-chart',
    width: chartWidth,
    height,
    style: { fontFamily: 'DejaVu Sans, Verdana, sans-serif', fontSize: `${fontSize}px` },
    marks: [...marks, titleMark(title), ...legendMarks(legend)],
  });
  return markupOf(drawn);
}

// The types of linkedom and Plot name the browser's, which are not known here: their values are looked at like any others.

function emptyDocument(): unknown {
  const page: unknown = parseHTML('<!doctype html><html><body></body></html>');
  // The page answers to names that it does not list, so `in` would miss the document.
  return typeof page === 'object' && page !== null ? Reflect.get(page, 'document') : undefined;
}

function markupOf(element: unknown): string {
  if (typeof element !== 'object' || element === null || !('outerHTML' in element)) return '';
  return String(element.outerHTML);
}

const aboveFrame = { frameAnchor: 'top-left', textAnchor: 'start', lineAnchor: 'bottom' } as const;

function titleMark(title: string): Markish {
  const left = -margins.marginLeft + 16;
  return text([title], { ...aboveFrame, dx: left, dy: -36, fontWeight: 'bold', fontSize: fontSize + 2 });
}

/** A coloured square and black words for each, from left to right. */
function legendMarks(legend: readonly LegendEntry[]): Markish[] {
  let left = 16 - margins.marginLeft;
  return legend.flatMap(({ label, colour }) => {
    const marks = [
      text(['■'], { ...aboveFrame, dx: left, dy: -16, fill: colour }),
      text([label], { ...aboveFrame, dx: left + 14, dy: -16 }),
    ];
    left += (label.length + 5) * letterWidth;
    return marks;
  });
}
