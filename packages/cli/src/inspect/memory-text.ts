import type { DeviceFit, FittingRun } from '../memory/device-fit.ts';
import type { MemoryPosition } from '../memory/memory-curve.ts';
import { formatBytes } from '../quantities.ts';
import { shortName } from '../short-name.ts';
import { type Column, textTable } from '../text-table.ts';
import type { LayerSummary } from './graph-summary.ts';
import type { MemorySummary } from './memory-summary.ts';

const nameWidth = 28;
const barWidth = 40;
const sizeWidth = 12;

/** The memory picture for a person, at most 100 columns wide: along the network, then by device. */
export function memoryText(memory: MemorySummary, layers: readonly LayerSummary[]): string {
  return [
    memoryChart(memory.positions, layers),
    peakLine(memory),
    `Devices of ${memory.cluster}, if each were given the whole model\n(activations are what the runtime takes for them, more than what is live):\n${deviceTable(memory.devices)}`,
    memory.devices.flatMap((fit) => fitLines(fit)).join('\n'),
  ].join('\n\n');
}

/** A bar a layer: parameters of this layer and all before it, then what is live while it runs. A folded layer is in the next bar. */
function memoryChart(positions: readonly MemoryPosition[], layers: readonly LayerSummary[]): string {
  const largest = positions.reduce((most, position) => Math.max(most, together(position)), 0);
  const shown = positions.filter((_position, index) => layers[index]?.folded !== true);
  const cells = (size: number): number => (largest === 0 ? 0 : Math.round((size / largest) * barWidth));
  const lines = shown.map((position) => {
    const { node, parameterBytes, activationBytes } = position;
    const filled = cells(parameterBytes);
    const bar = '█'.repeat(filled) + '░'.repeat(cells(together(position)) - filled);
    const sizes = [parameterBytes, activationBytes]
      .map((size) => formatBytes(size).padStart(sizeWidth))
      .join('');
    return `  ${shortName(node, nameWidth).padEnd(nameWidth)}  ${bar.padEnd(barWidth)}${sizes}`;
  });
  const title = `Memory along the network, up to ${formatBytes(largest)}: █ parameters so far, ░ live while the layer runs`;
  const heads = ['parameters', 'live'].map((head) => head.padStart(sizeWidth)).join('');
  const heading = `  ${'layer'.padEnd(nameWidth)}  ${' '.repeat(barWidth)}${heads}`;
  return [title, heading, ...lines].join('\n');
}

const together = ({ parameterBytes, activationBytes }: MemoryPosition): number =>
  parameterBytes + activationBytes;

function peakLine({ parameterBytes, peakActivationBytes, peakAt }: MemorySummary): string {
  const where = peakAt === null ? '' : `, while '${shortName(peakAt, 40)}' runs`;
  return (
    `The whole model holds ${formatBytes(parameterBytes + peakActivationBytes)} at its peak: ` +
    `${formatBytes(parameterBytes)} parameters and ${formatBytes(peakActivationBytes)}\nof live tensors${where}.`
  );
}

const columns: readonly Column<DeviceFit>[] = [
  { title: 'device', align: 'left', cell: ({ device }) => shortName(device, 16) },
  { title: 'capacity', align: 'right', cell: ({ capacityBytes }) => formatBytes(capacityBytes) },
  { title: 'parameters', align: 'right', cell: ({ whole }) => formatBytes(whole.parameterBytes) },
  { title: 'activations', align: 'right', cell: ({ whole }) => formatBytes(whole.activationBytes) },
  { title: 'runtime', align: 'right', cell: ({ whole }) => formatBytes(whole.overheadBytes) },
  { title: 'needs', align: 'right', cell: ({ whole }) => formatBytes(whole.memoryBytes) },
  { title: 'share', align: 'right', cell: ({ share }) => percent(share) },
  { title: 'to load', align: 'right', cell: ({ whole }) => formatBytes(whole.loadPeakBytes) },
];

function deviceTable(devices: readonly DeviceFit[]): string {
  return textTable(columns, devices);
}

function fitLines({ device, front, back, capacityBytes }: DeviceFit): string[] {
  const name = `  ${shortName(device, 16)}:`;
  if (front.overflowsAt === null) return [`${name} everything fits`];
  return [
    `${name} from the front, ${runText(front, capacityBytes)}`,
    `${name} from the back, ${runText(back, capacityBytes)}`,
  ];
}

function runText(run: FittingRun, capacityBytes: number): string {
  if (run.overflowsAt === null || run.overflowBytes === null) return 'everything fits';
  const fits =
    run.reaches === null
      ? 'nothing fits'
      : `${run.nodes} nodes fit, as far as '${shortName(run.reaches, 40)}' (${formatBytes(run.memoryBytes)})`;
  return (
    `${fits};\n    it overflows at '${shortName(run.overflowsAt, 40)}': ` +
    `that takes ${formatBytes(run.overflowBytes)} of ${formatBytes(capacityBytes)}`
  );
}

function percent(share: number): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %` : 'none';
}
