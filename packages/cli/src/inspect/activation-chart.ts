import { formatBytes } from '../quantities.ts';
import { shortName } from '../short-name.ts';
import type { LayerSummary } from './graph-summary.ts';

const nameWidth = 32;
const barWidth = 44;

/**
 * How large each layer's output is, a bar a layer on a logarithmic scale, with the layers after which the model can be cut at a single
 * tensor marked. A layer that folds into the next has no bar of its own. At most 100 columns.
 */
export function activationChart(layers: readonly LayerSummary[]): string {
  const shown = layers.filter(({ folded }) => !folded);
  const sizes = shown.map(({ outputBytes }) => outputBytes).filter((size) => size > 0);
  if (sizes.length === 0) return 'No layer has an output.';
  const scale = { smallest: least(sizes), largest: most(sizes) };
  return [title(scale), ...shown.map((layer) => line(layer, scale))].join('\n');
}

interface Scale {
  readonly smallest: number;
  readonly largest: number;
}

function title({ smallest, largest }: Scale): string {
  const range = `${formatBytes(smallest)} to ${formatBytes(largest)}`;
  return `Size of each layer's output, logarithmic scale from ${range}; < = can be cut here`;
}

function line(layer: LayerSummary, scale: Scale): string {
  const bar = '█'.repeat(barLength(layer.outputBytes, scale)).padEnd(barWidth);
  const size = formatBytes(layer.outputBytes).padStart(8);
  return `  ${shortName(layer.name, nameWidth).padEnd(nameWidth)}  ${bar}  ${size}  ${layer.cutAfter ? '<' : ''}`.trimEnd();
}

/** One character for the smallest output, the whole width for the largest; nothing for an empty output. */
function barLength(size: number, { smallest, largest }: Scale): number {
  if (size === 0) return 0;
  if (smallest === largest) return barWidth;
  const share = Math.log(size / smallest) / Math.log(largest / smallest);
  return 1 + Math.round(share * (barWidth - 1));
}

function least(values: readonly number[]): number {
  return values.reduce((left, right) => Math.min(left, right));
}

function most(values: readonly number[]): number {
  return values.reduce((left, right) => Math.max(left, right));
}
