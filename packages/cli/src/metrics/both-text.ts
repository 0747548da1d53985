import type { Metrics } from '@tandem/core';
import { formatBytes, formatJoules, formatSeconds } from '../quantities.ts';
import { textTable } from '../text-table.ts';

interface Row {
  readonly name: string;
  readonly simulated: number | null;
  readonly measured: number | null;
  readonly format: (value: number) => string;
}

/** A simulation and a run of the same requests, figure by figure, and measured / simulated. */
export function bothText(simulated: Metrics, measured: Metrics): string {
  const cell = (value: number | null, { format }: Row): string =>
    value === null ? 'not known' : format(value);
  return textTable<Row>(
    [
      { title: 'figure', align: 'left', cell: ({ name }) => name },
      { title: 'simulated', align: 'right', cell: (row) => cell(row.simulated, row) },
      { title: 'measured', align: 'right', cell: (row) => cell(row.measured, row) },
      { title: 'ratio', align: 'right', cell: ratioText },
    ],
    rowsOf(simulated, measured),
  );
}

function ratioText({ simulated, measured }: Row): string {
  if (simulated === null || measured === null || simulated === 0) return '';
  return (measured / simulated).toFixed(3);
}

const pace = (value: number): string => `${value.toPrecision(3)} requests/s`;
const share = (value: number): string => `${(100 * value).toFixed(1)} %`;

function rowsOf(simulated: Metrics, measured: Metrics): readonly Row[] {
  const row = (name: string, format: Row['format'], of: (metrics: Metrics) => number | null): Row => {
    return { name, format, simulated: of(simulated), measured: of(measured) };
  };
  const latency = (['mean', 'p50', 'p95', 'p99', 'most'] as const).map((key) =>
    row(`latency, ${key}`, formatSeconds, ({ latencySeconds }) => latencySeconds?.[key] ?? null),
  );
  return [
    row('answered', String, ({ requests }) => requests.answered),
    row('pace', pace, ({ requestsPerSecond }) => requestsPerSecond),
    row('steady pace', pace, ({ steadyRequestsPerSecond }) => steadyRequestsPerSecond),
    row('from admission to answer, mean', formatSeconds, servedSeconds),
    ...latency,
    row('sent', formatBytes, ({ bytesSent }) => bytesSent),
    row('energy', formatJoules, ({ energy }) => energy.energyJoules),
    ...simulated.devices.map(({ device }) =>
      row(`${device} busy`, share, ({ devices }) =>
        utilisation(devices.find((one) => one.device === device)),
      ),
    ),
    ...simulated.links
      .filter(({ jobs }) => jobs > 0)
      .map(({ from, to }) =>
        row(`${from} > ${to} busy`, share, ({ links }) =>
          utilisation(links.find((one) => one.from === from && one.to === to)),
        ),
      ),
  ];
}

/** Comparable also where a run hands in the next request only when there is room, and a simulation has all of them wait. */
function servedSeconds({ latencySeconds, admissionSeconds }: Metrics): number | null {
  if (latencySeconds === null || admissionSeconds === null) return null;
  return latencySeconds.mean - admissionSeconds.mean;
}

const utilisation = (use: { readonly utilisation: number } | undefined): number | null =>
  use?.utilisation ?? null;
