import { dot, line } from '@observablehq/plot';
import { drawChart, type Panel } from './draw.ts';

/** Lines over one quantity. */
export interface SeriesPanel {
  readonly title: string;
  readonly x: SeriesAxis;
  readonly y: SeriesAxis;
  readonly series: readonly Series[];
}

interface SeriesAxis {
  readonly label: string;
  readonly isLogarithmic: boolean;
}

interface Series {
  readonly label: string;
  /** By ascending x. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** Told apart also without seeing red and green differ (after Wong, 2011). */
const colours = ['#0072b2', '#56b4e9', '#009e73', '#e69f00', '#d55e00', '#cc79a7', '#000000', '#999999'];
const height = 340;

/** Panels below each other, as SVG. */
export function seriesChart(panels: readonly SeriesPanel[]): string {
  return drawChart(panels.map(panelOf));
}

function panelOf({ title, x, y, series }: SeriesPanel): Panel {
  const colourOf = (at: number): string => colours[at % colours.length] ?? '';
  return {
    title,
    legend: series.map(({ label }, at) => ({ label, colour: colourOf(at) })),
    height,
    options: {
      x: { ...axis(x), label: `${x.label} →` },
      y: { ...axis(y), label: `${y.label} →`, labelAnchor: 'center' },
    },
    marks: series.flatMap(({ points }, at) => {
      const rows = points.map(([across, up]) => ({ across, up }));
      const stroke = colourOf(at);
      // The first are the widest, so that equal lines show beside each other.
      const strokeWidth = 2 + 1.6 * (series.length - 1 - at);
      return [
        line(rows, { x: 'across', y: 'up', stroke, strokeWidth }),
        dot(rows, { x: 'across', y: 'up', r: 2 + strokeWidth / 2, fill: stroke }),
      ];
    }),
  };
}

function axis({ isLogarithmic }: SeriesAxis): { readonly type: 'log' | 'linear'; readonly grid: boolean } {
  return { type: isLogarithmic ? 'log' : 'linear', grid: true };
}
