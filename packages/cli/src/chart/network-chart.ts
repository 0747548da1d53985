import { areaY, dot, ruleX, ruleY, text } from '@observablehq/plot';
import type { GraphSummary } from '../inspect/graph-summary.ts';
import type { MemorySummary } from '../inspect/memory-summary.ts';
import type { DeviceFit } from '../memory/device-fit.ts';
import { formatBytes } from '../quantities.ts';
import { shortName } from '../short-name.ts';
import { chartWidth, drawChart, margins, type Panel } from './draw.ts';

const colours = {
  layer: '#8aa4c4',
  cut: '#c0392b',
  parameters: '#3b6ea8',
  live: '#e0a458',
  capacity: '#7b3fa0',
} as const;

const along = 'layer, in the order of execution →';

/** What crosses after each layer, and what memory holds, along the network, as SVG. */
export function networkChart(summary: GraphSummary, memory: MemorySummary): string {
  return drawChart([activationPanel(summary), memoryPanel(memory)]);
}

function activationPanel({ model, layers }: GraphSummary): Panel {
  const rows = layers
    .map((layer, index) => ({ ...layer, index: index + 1 }))
    .filter(({ folded, outputBytes }) => !folded && outputBytes > 0);
  const cuts = rows.filter(({ cutAfter }) => cutAfter);
  const sizes = rows.map(({ outputBytes }) => outputBytes);
  const floor = 10 ** Math.floor(Math.log10(Math.max(1, least(sizes)) * 0.999));
  const ceiling = Math.max(floor * 10, most(sizes));
  return {
    title: `${shortName(model, 40)}: size of each layer's output (logarithmic)`,
    legend: [
      { label: 'output', colour: colours.layer },
      { label: 'the model can be cut here at a single tensor', colour: colours.cut },
    ],
    height: 310,
    options: {
      x: { domain: [0.5, layers.length + 0.5], label: along, ticks: 10 },
      y: {
        type: 'log',
        domain: [floor, ceiling],
        label: null,
        grid: true,
        ticks: powersOfTen(floor, ceiling),
        tickFormat: formatBytes,
      },
    },
    marks: [
      ruleX(rows, {
        x: 'index',
        y1: floor,
        y2: 'outputBytes',
        stroke: colours.layer,
        strokeWidth: strokeOf(rows),
      }),
      dot(cuts, { x: 'index', y: 'outputBytes', fill: colours.cut, r: 3 }),
      ruleY([floor]),
    ],
  };
}

/** Bars as wide as there is room for. */
const strokeOf = (rows: readonly unknown[]): number =>
  Math.max(1, Math.min(12, ((chartWidth - margins.marginLeft) / Math.max(1, rows.length)) * 0.6));

function memoryPanel({
  positions,
  devices,
  peakAt,
  peakActivationBytes,
  parameterBytes,
}: MemorySummary): Panel {
  const rows = positions.map((position, index) => ({
    from: index + 0.5,
    parameters: position.parameterBytes,
    together: position.parameterBytes + position.activationBytes,
  }));
  const steps = [...rows, ...rows.slice(-1).map((row) => ({ ...row, from: row.from + 1 }))];
  const largest = most(rows.map(({ together }) => together));
  const lines = capacityLines(devices, largest);
  const top = Math.max(largest, ...lines.map(({ bytes }) => bytes)) * 1.08;
  return {
    title:
      `Memory: ${formatBytes(parameterBytes)} of parameters, at most ${formatBytes(peakActivationBytes)} live` +
      (peakAt === null ? '' : ` (${shortName(peakAt, 32)})`),
    legend: [
      { label: 'parameters so far', colour: colours.parameters },
      { label: 'live while the layer runs', colour: colours.live },
      { label: capacityLegend(devices, lines), colour: colours.capacity },
    ],
    height: 340,
    options: {
      x: { domain: [0.5, positions.length + 0.5], label: along, ticks: 10 },
      y: {
        domain: [0, top === 0 ? 1 : top],
        label: null,
        grid: true,
        ticks: 6,
        tickFormat: formatBytes,
      },
    },
    marks: [
      areaY(steps, { x: 'from', y1: 0, y2: 'parameters', fill: colours.parameters, curve: 'step-after' }),
      areaY(steps, { x: 'from', y1: 'parameters', y2: 'together', fill: colours.live, curve: 'step-after' }),
      ruleY(lines, { y: 'bytes', stroke: colours.capacity, strokeDasharray: '5,3' }),
      text(lines, {
        y: 'bytes',
        text: 'label',
        frameAnchor: 'left',
        textAnchor: 'start',
        dx: 6,
        dy: -8,
        fill: colours.capacity,
        stroke: 'white',
        strokeWidth: 3,
      }),
      ruleY([0]),
    ],
  };
}

interface CapacityLine {
  readonly bytes: number;
  readonly label: string;
}

/** What is left beside the runtime on the devices that the curve comes near to; alike ones share a label. */
function capacityLines(devices: readonly DeviceFit[], largest: number): CapacityLine[] {
  const near = devices.filter((fit) => roomOf(fit) <= 2 * largest);
  const sorted = [...near].sort((left, right) => roomOf(left) - roomOf(right));
  const lines: { bytes: number; labels: string[] }[] = [];
  for (const fit of sorted) {
    const last = lines.at(-1);
    const label = `${shortName(fit.device, 16)} ${formatBytes(roomOf(fit))}${overflowText(fit)}`;
    if (last !== undefined && roomOf(fit) - last.bytes < 0.06 * 2 * largest) last.labels.push(label);
    else lines.push({ bytes: roomOf(fit), labels: [label] });
  }
  return lines.map(({ bytes, labels }) => ({ bytes, label: labels.join('; ') }));
}

const roomOf = ({ capacityBytes, whole }: DeviceFit): number =>
  Math.max(0, capacityBytes - whole.overheadBytes);

const overflowText = ({ front }: DeviceFit): string =>
  front.overflowsAt === null ? '' : `, overflows at ${shortName(front.overflowsAt, 28)}`;

function capacityLegend(devices: readonly DeviceFit[], lines: readonly CapacityLine[]): string {
  const room = 'room beside the runtime';
  if (lines.length > 0) return room;
  const least = devices.reduce((smallest, fit) => Math.min(smallest, roomOf(fit)), Number.POSITIVE_INFINITY);
  return `${room}: above the chart (the least is ${formatBytes(least)})`;
}

function powersOfTen(from: number, to: number): number[] {
  const powers: number[] = [];
  for (let power = from; power <= to; power *= 10) powers.push(power);
  return powers;
}

function least(values: readonly number[]): number {
  return values.reduce((left, right) => Math.min(left, right), Number.POSITIVE_INFINITY);
}

function most(values: readonly number[]): number {
  return values.reduce((left, right) => Math.max(left, right), 0);
}
