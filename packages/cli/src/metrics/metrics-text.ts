import type { Distribution, Metrics, QueueMetrics, UseMetrics } from '@tandem/core';
import { formatBytes, formatJoules, formatSeconds } from '../quantities.ts';
import { type Column, textTable } from '../text-table.ts';

/** Metrics for a person, simulated or measured. */
export function metricsText(metrics: Metrics, remarks: readonly string[]): string {
  const { origin, requests, windowSeconds, latencySeconds, admissionSeconds, bytesSent } = metrics;
  const lines = [
    `${origin}: ${requests.answered} of ${requests.arrived} requests answered in ${formatSeconds(windowSeconds)}${lossesText(metrics)}`,
    `pace: ${paceText(metrics.requestsPerSecond)}, steady ${paceText(metrics.steadyRequestsPerSecond)}`,
    `latency: ${spreadText(latencySeconds)}`,
    `of that until admission: ${spreadText(admissionSeconds)}`,
    `sent: ${formatBytes(bytesSent)}`,
    energyText(metrics),
    '',
    textTable(columns, rowsOf(metrics)),
  ];
  for (const { version, stage, requests: count } of metrics.exits)
    lines.push(`  stage ${stage} of version ${version} answered ${count} early`);
  for (const { bits, tensors } of metrics.bits) lines.push(`  ${tensors} tensors crossed with ${bits} bits`);
  return [...lines, ...remarks].join('\n');
}

function lossesText({ requests: { failed, open } }: Metrics): string {
  return `${failed === 0 ? '' : `, ${failed} failed`}${open === 0 ? '' : `, ${open} never ended`}`;
}

const paceText = (perSecond: number | null): string =>
  perSecond === null ? 'not known' : `${perSecond.toPrecision(3)} requests/s`;

function spreadText(spread: Distribution | null): string {
  if (spread === null) return 'not known';
  const { mean, p50, p95, p99, most } = spread;
  const parts = Object.entries({ mean, p50, p95, p99, most });
  return parts.map(([name, value]) => `${name} ${formatSeconds(value)}`).join(', ');
}

function energyText({ energy }: Metrics): string {
  if (energy.energyJoules === null) return `energy: not known. ${energy.unknown ?? ''}`;
  const each = energy.perAnswerJoules === null ? '' : `, ${formatJoules(energy.perAnswerJoules)} an answer`;
  return `energy: ${formatJoules(energy.energyJoules)}${each}`;
}

interface UseRow extends UseMetrics {
  readonly name: string;
  readonly queue: QueueMetrics;
}

const share = (value: number): string => `${(100 * value).toFixed(1)} %`;

const columns: readonly Column<UseRow>[] = [
  { title: 'device or link', align: 'left', cell: ({ name }) => name },
  { title: 'busy', align: 'right', cell: ({ utilisation }) => share(utilisation) },
  { title: 'jobs', align: 'right', cell: ({ jobs }) => jobs.toString() },
  { title: 'idle inside', align: 'right', cell: ({ bubbles }) => formatSeconds(bubbles.internalSeconds) },
  { title: 'starved', align: 'right', cell: ({ bubbles }) => formatSeconds(bubbles.starvedSeconds) },
  { title: 'blocked', align: 'right', cell: ({ bubbles }) => formatSeconds(bubbles.blockedSeconds) },
  { title: 'mean wait', align: 'right', cell: ({ queue }) => formatSeconds(queue.waitSeconds?.mean ?? 0) },
  {
    title: 'longest queue',
    align: 'right',
    cell: ({ jobs, queue }) => (jobs === 0 ? '' : queue.longest.toString()),
  },
];

/** Links that carried nothing are left out. Where no stage runs, nothing waits for one: what comes is sent on. */
function rowsOf({ devices, links }: Metrics): readonly UseRow[] {
  return [
    ...devices.map(({ device, ...use }) => ({ ...use, name: device })),
    ...links
      .filter(({ jobs }) => jobs > 0)
      .map(({ from, to, ...use }) => ({ ...use, name: `${from} > ${to}` })),
  ];
}
