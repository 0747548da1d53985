import { formatBytes, formatSeconds } from '../quantities.ts';
import { textTable } from '../text-table.ts';
import type { ProbedLink } from './probed-agents.ts';

/** Measured links for a person, and why others could not be measured. */
export function linksText(links: readonly ProbedLink[]): string {
  const measured = links.flatMap(({ from, to, link }) => (link === null ? [] : [{ from, to, link }]));
  const failed = links.flatMap(({ from, to, error }) =>
    error === null ? [] : [`  ${from} to ${to}: ${error.message}`],
  );
  const table = textTable<(typeof measured)[number]>(
    [
      { title: 'from', align: 'left', cell: ({ from }) => from },
      { title: 'to', align: 'left', cell: ({ to }) => to },
      {
        title: 'rate',
        align: 'right',
        cell: ({ link }) => `${(link.bitsPerSecond / 1e6).toFixed(2)} Mbit/s`,
      },
      { title: 'round trip', align: 'right', cell: ({ link }) => formatSeconds(link.roundTripSeconds) },
      { title: 'a message', align: 'right', cell: ({ link }) => formatSeconds(link.perMessageSeconds) },
      { title: 'carried', align: 'right', cell: ({ link }) => formatBytes(link.transferBytes) },
      { title: 'in', align: 'right', cell: ({ link }) => formatSeconds(link.transferSeconds) },
    ],
    measured,
  );
  const notes = failed.length === 0 ? [] : ['', 'not measured', ...failed];
  return [...(measured.length === 0 ? ['no link was measured'] : [table]), ...notes].join('\n');
}
