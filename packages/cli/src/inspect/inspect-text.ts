import { formatBytes, formatFlops } from '../quantities.ts';
import { shortName } from '../short-name.ts';
import { type Column, textTable } from '../text-table.ts';
import { activationChart } from './activation-chart.ts';
import type { EndSummary, GraphSummary, LayerSummary } from './graph-summary.ts';

const columns: readonly Column<LayerSummary>[] = [
  { title: 'layer', align: 'left', cell: ({ name }) => shortName(name, 36) },
  { title: 'operator', align: 'left', cell: ({ op }) => shortName(op, 20) },
  { title: 'output', align: 'right', cell: ({ shape }) => shortName(shape.join('x'), 16) },
  { title: 'operations', align: 'right', cell: ({ flops }) => formatFlops(flops) },
  { title: 'parameters', align: 'right', cell: ({ parameters }) => grouped(parameters) },
];

/** The summary for a person, at most 100 columns wide: layers, the sizes between them, totals. */
export function inspectText(summary: GraphSummary): string {
  return [
    headline(summary),
    textTable(columns, summary.layers),
    activationChart(summary.layers),
    totalsText(summary),
  ].join('\n\n');
}

export const headline = ({ model, opset }: GraphSummary): string => `${model} (ONNX operator set ${opset})`;

/** Inputs, outputs and sums. */
export function totalsText(summary: GraphSummary): string {
  const rows: readonly (readonly [string, string])[] = [
    ['input', summary.inputs.map(endText).join(', ')],
    ['output', summary.outputs.map(endText).join(', ')],
    ['layers', grouped(summary.layers.length)],
    ['operations', formatFlops(summary.flops)],
    ['parameters', `${grouped(summary.parameters)} (${formatBytes(summary.parameterBytes)} with constants)`],
    ['peak memory', `${formatBytes(summary.peakMemoryBytes)} (parameters and live activations)`],
    ['single-tensor cuts', grouped(summary.singleTensorCuts)],
  ];
  return textTable(
    [
      { title: 'in all', align: 'left', cell: ([name]) => name },
      { title: '', align: 'left', cell: ([, value]) => value },
    ],
    rows,
  );
}

function endText({ name, type, shape }: EndSummary): string {
  return `${shortName(name, 32)} ${type} ${shape.length === 0 ? 'scalar' : shape.join('x')}`;
}

/** 61100840 as 61,100,840. */
function grouped(value: number): string {
  return value.toLocaleString('en-US');
}
