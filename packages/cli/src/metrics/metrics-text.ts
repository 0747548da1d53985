import type { DeviceMetrics, Distribution, LinkMetrics, Metrics } from '@tandem/core';
import { formatBytes, formatJoules, formatSeconds } from '../quantities.ts';
import { textTable } from '../text-table.ts';

/** What many requests came to, for a person: the same for a run and for a simulation. */
export function metricsText(metrics: Metrics): string {
  const { requests, latencySeconds, admissionSeconds, devices, links, energy } = metrics;
  return [
    `  ${metrics.origin}: ${countsText(requests)} in ${formatSeconds(metrics.windowSeconds)}`,
    `  answers: ${rateText(metrics)}`,
    ...(latencySeconds === null ? [] : [`  latency: ${distributionText(latencySeconds)}`]),
    ...(admissionSeconds === null || admissionSeconds.most === 0
      ? []
      : [`  of it waiting to be admitted: ${distributionText(admissionSeconds)}`]),
    '',
    deviceTable(devices),
    ...(links.length === 0 ? [] : ['', linkTable(links)]),
    '',
    energy.energyJoules === null
      ? `  energy not known. ${energy.unknown ?? ''}`
      : `  energy: ${formatJoules(energy.energyJoules)}, ${formatJoules(energy.perAnswerJoules ?? 0)} an answer`,
  ].join('\n');
}

function countsText({ arrived, answered, failed, open }: Metrics['requests']): string {
  const rest = [failed > 0 ? `${failed} failed` : '', open > 0 ? `${open} open` : ''].filter(
    (text) => text !== '',
  );
  return [`${arrived} requests, ${answered} answered`, ...rest].join(', ');
}

function rateText({ requestsPerSecond, steadyRequestsPerSecond }: Metrics): string {
  const rates = [
    requestsPerSecond === null ? 'none' : `${requestsPerSecond.toPrecision(3)} a second`,
    steadyRequestsPerSecond === null ? '' : `${steadyRequestsPerSecond.toPrecision(3)} after the first tenth`,
  ];
  return rates.filter((text) => text !== '').join(', ');
}

function distributionText({ mean, p50, p95, p99, most }: Distribution): string {
  const parts = Object.entries({ mean, 'half below': p50, '95 %': p95, '99 %': p99, most });
  return parts.map(([name, value]) => `${name} ${formatSeconds(value)}`).join(', ');
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function deviceTable(devices: readonly DeviceMetrics[]): string {
  return textTable<DeviceMetrics>(
    [
      { title: 'device', align: 'left', cell: ({ device }) => device },
      { title: 'busy', align: 'right', cell: ({ utilisation }) => percent(utilisation) },
      { title: 'stages run', align: 'right', cell: ({ jobs }) => String(jobs) },
      { title: 'bubbles', align: 'right', cell: ({ bubbles }) => percent(bubbles.ratio) },
      { title: 'starved', align: 'right', cell: ({ bubbles }) => formatSeconds(bubbles.starvedSeconds) },
      { title: 'blocked', align: 'right', cell: ({ bubbles }) => formatSeconds(bubbles.blockedSeconds) },
      { title: 'queue', align: 'right', cell: ({ queue }) => queue.meanLength.toFixed(2) },
    ],
    devices,
  );
}

function linkTable(links: readonly LinkMetrics[]): string {
  return textTable<LinkMetrics>(
    [
      { title: 'link', align: 'left', cell: ({ from, to }) => `${from} → ${to}` },
      { title: 'busy', align: 'right', cell: ({ utilisation }) => percent(utilisation) },
      { title: 'tensors', align: 'right', cell: ({ jobs }) => String(jobs) },
      { title: 'sent', align: 'right', cell: ({ bytes }) => formatBytes(bytes) },
    ],
    links,
  );
}
