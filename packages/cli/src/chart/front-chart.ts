import { dot, line, text } from '@observablehq/plot';
import { paretoFront } from '@tandem/core';
import type { CompareJson, PlannerRow } from '../compare/compare-json.ts';
import { shortName } from '../short-name.ts';
import { besidePoints, type Labelled } from './beside-points.ts';
import { chartWidth, drawChart, letterWidth, margins } from './draw.ts';

const colours = { front: '#c46a1b', onFront: '#3b6ea8', beaten: '#9aa5b1' } as const;
const height = 520;

/** What plans of the same latency and period come to. */
interface Point {
  readonly latency: number;
  readonly period: number;
  readonly onFront: boolean;
  readonly label: string;
}

/** Latency against period of every feasible plan, as SVG; a line along the plans that no other beats in these two. */
export function frontChart(model: string, { planners, frontFigures }: CompareJson): string {
  const feasible = planners.filter(({ latencySeconds, periodSeconds }) =>
    [latencySeconds, periodSeconds].every((value) => value !== null && Number.isFinite(value)),
  );
  const slowest = Math.max(0, ...feasible.map(({ latencySeconds }) => latencySeconds ?? 0));
  const unit = slowest < 1 ? { name: 'ms', factor: 1e3 } : { name: 's', factor: 1 };
  const points = pointsOf(feasible, unit.factor);
  const x = axisOf(points.map(({ latency }) => latency));
  const y = axisOf(points.map(({ period }) => period));
  const front = paretoFront(points.map(({ latency, period }) => [latency, period]));
  const others = frontFigures.includes('energyJoules') ? 'energy and memory' : 'memory';
  const labels = placed(points, x.domain, y.domain);
  return drawChart([
    {
      title: `Planners for ${shortName(model, 40)}: one request's latency against the pace of a stream`,
      legend: [
        { label: 'front of latency and period', colour: colours.front },
        { label: `on the front with ${others} too`, colour: colours.onFront },
        { label: 'another plan is as good or better in all', colour: colours.beaten },
      ],
      height,
      options: {
        x: { domain: x.domain, label: `latency (${unit.name}) →`, grid: true, ticks: 8 },
        y: {
          domain: y.domain,
          label: `period (${unit.name}) →`,
          labelAnchor: 'center',
          grid: true,
          ticks: 8,
        },
      },
      marks: [
        line(
          front.map((at) => points[at]),
          { x: 'latency', y: 'period', curve: 'step-after', stroke: colours.front, strokeWidth: 2 },
        ),
        dot(points, {
          x: 'latency',
          y: 'period',
          r: 5,
          fill: ({ onFront }: Point) => (onFront ? colours.onFront : colours.beaten),
        }),
        dot(
          front.map((at) => points[at]),
          { x: 'latency', y: 'period', r: 6, stroke: colours.front, strokeWidth: 2 },
        ),
        ...labels.map(({ x: across, y: up, text: label, dx, dy, anchor }) =>
          text([{ across, up, label }], {
            x: 'across',
            y: 'up',
            text: 'label',
            dx,
            dy,
            textAnchor: anchor,
            stroke: 'white',
            strokeWidth: 3,
            fill: 'black',
          }),
        ),
      ],
    },
  ]);
}

/** One for each pair of figures, in the order of the table, named after all that have it. */
function pointsOf(feasible: readonly PlannerRow[], factor: number): Point[] {
  const groups = new Map<string, PlannerRow[]>();
  for (const row of feasible) {
    const key = `${row.latencySeconds} ${row.periodSeconds}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].map((rows) => ({
    latency: (rows[0]?.latencySeconds ?? 0) * factor,
    period: (rows[0]?.periodSeconds ?? 0) * factor,
    onFront: rows.some(({ onFront }) => onFront),
    label: labelOf(rows.map(({ name }) => name)),
  }));
}

function labelOf(names: readonly string[]): string {
  const [first = '', ...others] = names;
  const name = shortName(first, 28);
  return others.length === 0 ? name : `${name} and ${others.length} more`;
}

/** From 0 where the values are far apart, else around them: close plans are to be told apart. */
function axisOf(values: readonly number[]): { readonly domain: [number, number] } {
  const low = Math.min(...values);
  const high = Math.max(...values);
  if (values.length === 0) return { domain: [0, 1] };
  const room = (high - low) * 0.12 || high * 0.1 || 1;
  const bottom = low < high / 3 ? 0 : low - room;
  return { domain: [Math.max(0, bottom), high + room] };
}

function placed(
  points: readonly Point[],
  [left, right]: readonly [number, number],
  [bottom, top]: readonly [number, number],
): Labelled[] {
  const width = chartWidth - margins.marginLeft - margins.marginRight;
  const tall = height - margins.marginTop - margins.marginBottom;
  return besidePoints(
    points.map(({ latency, period, label }) => ({
      x: latency,
      y: period,
      across: ((latency - left) / (right - left)) * width,
      down: ((top - period) / (top - bottom)) * tall,
      text: label,
      width: label.length * letterWidth,
    })),
    { width, height: tall },
  );
}
