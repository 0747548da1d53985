import { barX, text } from '@observablehq/plot';
import type { Span } from '../reproduce/trace-spans.ts';
import { drawChart, margins, type Panel } from './draw.ts';

/** When rows of devices and links were busy, and with what. */
export interface SpansPanel {
  readonly title: string;
  /** From the top. */
  readonly rows: readonly string[];
  readonly unit: string;
  readonly spans: readonly (Span & { readonly label: string })[];
}

const colours = { computes: '#3b6ea8', sends: '#c46a1b' } as const;
const rowHeight = 40;

/** Panels below each other, as SVG, all over the same time. */
export function spansChart(panels: readonly SpansPanel[]): string {
  const end = panels
    .flatMap(({ spans }) => spans)
    .reduce((latest, one) => Math.max(latest, one.endSeconds), 0);
  return drawChart(panels.map((panel) => panelOf(panel, end)));
}

function panelOf({ title, rows, unit, spans }: SpansPanel, end: number): Panel {
  const bars = spans.map((span) => ({ ...span, middle: (span.startSeconds + span.endSeconds) / 2 }));
  return {
    title,
    legend: [
      { label: 'computes', colour: colours.computes },
      { label: 'sends', colour: colours.sends },
    ],
    height: margins.marginTop + margins.marginBottom + rowHeight * rows.length,
    options: {
      x: { domain: [0, end], label: `time (${unit}) →`, grid: true },
      y: { domain: rows, label: null, padding: 0.2, tickSize: 0 },
    },
    marks: [
      barX(bars, {
        x1: 'startSeconds',
        x2: 'endSeconds',
        y: 'row',
        fill: ({ kind }: Span) => colours[kind],
        stroke: 'white',
      }),
      text(bars, { x: 'middle', y: 'row', text: 'label', fill: 'white' }),
    ],
  };
}
