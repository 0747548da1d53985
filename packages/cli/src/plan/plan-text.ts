import type { Graph, NodeId, Plan, Report } from '@tandem/core';
import { formatBytes, formatSeconds } from '../quantities.ts';
import { shortName } from '../short-name.ts';
import { textTable } from '../text-table.ts';

const nameWidth = 32;

/** A plan and its price for a person. */
export function planText(graph: Graph, plan: Plan, report: Report, computeError: number | null): string {
  return [
    `Plan for ${graph.name} by ${plan.planner}`,
    '',
    stageTable(graph, plan, report),
    ...(plan.transfers.length === 0 ? [] : ['', transferTable(graph, report)]),
    '',
    `  latency ${formatSeconds(report.latencySeconds)}, period ${formatSeconds(report.periodSeconds)}, ` +
      `${formatBytes(report.bytesSent)} sent (times: ${report.source})`,
    ...(computeError === null ? [] : [`  computing: ± ${formatSeconds(computeError)} from pass to pass`]),
    ...report.devices.map(
      (device) =>
        `  ${device.device}: ${formatBytes(device.memoryBytes)} of memory ` +
        `(${formatBytes(device.parameterBytes)} parameters, ${formatBytes(device.activationBytes)} activations)`,
    ),
    '',
    `Why: ${plan.why.sentence}`,
  ].join('\n');
}

function stageTable(graph: Graph, plan: Plan, report: Report): string {
  const rows = plan.stages.map((stage, index) => ({ stage, timing: report.stages[index] }));
  return textTable(
    [
      { title: 'stage', align: 'left', cell: ({ stage }) => stage.device },
      { title: 'nodes', align: 'right', cell: ({ stage }) => String(stage.nodes.length) },
      { title: 'from', align: 'left', cell: ({ stage }) => nodeName(graph, stage.nodes[0]) },
      { title: 'to', align: 'left', cell: ({ stage }) => nodeName(graph, stage.nodes.at(-1)) },
      { title: 'compute', align: 'right', cell: ({ timing }) => formatSeconds(timing?.computeSeconds ?? 0) },
      { title: 'starts', align: 'right', cell: ({ timing }) => formatSeconds(timing?.startSeconds ?? 0) },
    ],
    rows,
  );
}

function transferTable(graph: Graph, report: Report): string {
  return textTable(
    [
      {
        title: 'transfer',
        align: 'left',
        cell: ({ tensor }) => shortName(graph.tensors[tensor]?.name ?? '', nameWidth),
      },
      { title: 'shape', align: 'left', cell: ({ tensor }) => (graph.tensors[tensor]?.shape ?? []).join('×') },
      { title: 'from', align: 'left', cell: ({ from }) => from },
      { title: 'to', align: 'left', cell: ({ to }) => to },
      { title: 'size', align: 'right', cell: ({ bytes }) => formatBytes(bytes) },
      {
        title: 'takes',
        align: 'right',
        cell: ({ startSeconds, endSeconds }) => formatSeconds(endSeconds - startSeconds),
      },
    ],
    report.transfers,
  );
}

function nodeName(graph: Graph, id: NodeId | undefined): string {
  return id === undefined ? '' : shortName(graph.nodes[id]?.name ?? '', nameWidth);
}
