import { barX, ruleX, text } from '@observablehq/plot';
import type { Problem } from '@tandem/core';
import type { Explanation, StageExplanation, TransferExplanation } from '../plan/explanation.ts';
import { formatBytes, formatSeconds } from '../quantities.ts';
import { shortName } from '../short-name.ts';
import { chartWidth, drawChart, letterWidth, margins } from './draw.ts';

const colours = { computes: '#3b6ea8', sends: '#c46a1b', travels: '#e9c9a4' } as const;
const rowHeight = 46;

/** A piece of one request's time on a device or link. */
interface Bar {
  readonly row: string;
  readonly kind: keyof typeof colours;
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly label: string;
}

/**
 * When each device computes and each link sends for one request alone, as SVG; a row for each device and link that takes part. Of a plan
 * that mixes ways, the one that most requests take.
 */
export function ganttChart(problem: Problem, { stages, transfers, mix, totals }: Explanation): string {
  const latencySeconds = mix?.ways[0]?.latencySeconds ?? totals.latencySeconds;
  const bars = [...stages.map(stageBar), ...transfers.flatMap((transfer) => transferBars(problem, transfer))];
  const finite = bars.filter(({ endSeconds }) => Number.isFinite(endSeconds));
  const rows = rowsOf(problem, finite);
  const unit = latencySeconds < 1 ? { name: 'ms', factor: 1e3 } : { name: 's', factor: 1 };
  const end = finite.reduce((latest, { endSeconds }) => Math.max(latest, endSeconds), 0);
  const ends = [{ at: end * unit.factor }];
  const inUnit = finite.map((bar) => ({
    ...bar,
    from: bar.startSeconds * unit.factor,
    to: bar.endSeconds * unit.factor,
  }));
  const labels = placedLabels(inUnit, end * unit.factor);
  return drawChart([
    {
      title: `One request of ${shortName(problem.graph.name, 40)}: ${formatSeconds(latencySeconds)} (${totals.source})`,
      legend: [
        { label: 'computes', colour: colours.computes },
        { label: 'sends', colour: colours.sends },
        { label: 'travels (half a round trip)', colour: colours.travels },
      ],
      height: margins.marginTop + margins.marginBottom + rowHeight * Math.max(1, rows.length),
      options: {
        x: { domain: [0, end * unit.factor], label: `time since the request (${unit.name}) →`, grid: true },
        y: {
          domain: rows,
          label: null,
          padding: 0.3,
          tickSize: 0,
          tickFormat: (row: string) => shortName(row, 16),
        },
      },
      marks: [
        barX(inUnit, { x1: 'from', x2: 'to', y: 'row', fill: (bar: Bar) => colours[bar.kind] }),
        ruleX(ends, { x: 'at', stroke: 'black', strokeDasharray: '3,3' }),
        ...(['inside', 'start', 'end'] as const).map((place) => {
          const shown = labels.filter((label) => label.place === place);
          const anchor = place === 'inside' ? 'middle' : place;
          return text(shown, {
            x: 'at',
            y: 'row',
            text: 'label',
            fill: place === 'inside' ? 'white' : 'black',
            textAnchor: anchor,
            dx: place === 'inside' ? 0 : place === 'start' ? 5 : -5,
          });
        }),
      ],
    },
  ]);
}

function stageBar({ device, nodes, startSeconds, endSeconds, computeSeconds }: StageExplanation): Bar {
  const label = `${nodes} nodes, ${formatSeconds(computeSeconds)}`;
  return { row: device, kind: 'computes', startSeconds, endSeconds, label };
}

function transferBars(
  { cluster }: Problem,
  { from, to, startSeconds, endSeconds, tensor, bytes }: TransferExplanation,
): Bar[] {
  const row = `${from} → ${to}`;
  const link = cluster.links.find((each) => each.from === from && each.to === to);
  const sent = Math.max(startSeconds, endSeconds - (link?.roundTripSeconds ?? 0) / 2);
  const label = `${shortName(tensor, 24)}, ${formatBytes(bytes)}`;
  return [
    { row, kind: 'sends', startSeconds, endSeconds: sent, label },
    { row, kind: 'travels', startSeconds: sent, endSeconds, label: '' },
  ];
}

/** Devices in the cluster's order, each followed by the links that leave it. */
function rowsOf({ cluster }: Problem, bars: readonly Bar[]): string[] {
  const used = new Set(bars.map(({ row }) => row));
  const rows = cluster.devices.flatMap(({ id }) => [
    id,
    ...cluster.links.filter(({ from }) => from === id).map(({ from, to }) => `${from} → ${to}`),
  ]);
  return [...new Set(rows)].filter((row) => used.has(row));
}

interface Label {
  readonly row: string;
  readonly label: string;
  readonly at: number;
  readonly place: 'inside' | 'start' | 'end';
}

/** Inside a bar that is long enough, else beside it where nothing else is, else nowhere. */
function placedLabels(
  bars: readonly (Bar & { readonly from: number; readonly to: number })[],
  end: number,
): Label[] {
  const pixels = (chartWidth - margins.marginLeft - margins.marginRight) / (end === 0 ? 1 : end);
  return bars.flatMap((bar): Label[] => {
    const { row, label, from, to } = bar;
    const need = (label.length * letterWidth + 12) / pixels;
    if (label === '') return [];
    if (need <= to - from) return [{ row, label, at: (from + to) / 2, place: 'inside' }];
    const others = bars.filter((other) => other.row === row && other !== bar);
    const behind = others.filter((other) => other.from >= to && other.label === '');
    const after = behind.reduce(
      (latest, other) => (other.from <= latest ? Math.max(latest, other.to) : latest),
      to,
    );
    const isFree = (left: number, right: number): boolean =>
      left >= 0 && right <= end && !others.some((other) => other.from < right && other.to > left);
    if (isFree(after, after + need)) return [{ row, label, at: after, place: 'start' }];
    if (isFree(from - need, from)) return [{ row, label, at: from, place: 'end' }];
    return [];
  });
}
