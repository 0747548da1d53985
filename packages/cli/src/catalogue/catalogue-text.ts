import { type CatalogueEntry, type Evidence } from '@tandem/core';
import { formatBytes, formatFlops } from '../quantities.ts';
import { type Column, textTable } from '../text-table.ts';
import type { CatalogueJson, ListedDevice, ListedLink } from './catalogue-json.ts';
import { type FigureRow, figureRows } from './figure-rows.ts';

type Text = (value: number) => string;
const known = (value: number | null, text: Text): string => (value === null ? '–' : text(value));
const rate = (value: number): string => `${formatFlops(value)}/s`;

const deviceColumns: readonly Column<ListedDevice>[] = [
  { title: 'device', align: 'left', cell: ({ name }) => name },
  { title: '', align: 'left', cell: ({ kind }) => kind },
  { title: 'class', align: 'left', cell: (device) => device.class },
  { title: 'memory', align: 'right', cell: ({ memoryBytes }) => known(memoryBytes, formatBytes) },
  { title: 'sustained', align: 'right', cell: ({ flopsPerSecond }) => known(flopsPerSecond, rate) },
  { title: 'peak', align: 'right', cell: ({ peakFlopsPerSecond }) => known(peakFlopsPerSecond, rate) },
  {
    title: 'memory rate',
    align: 'right',
    cell: ({ memoryBytesPerSecond }) => known(memoryBytesPerSecond, (value) => `${formatBytes(value)}/s`),
  },
  { title: 'peak power', align: 'right', cell: ({ peakWatts }) => known(peakWatts, (value) => `${value} W`) },
];

const linkColumns: readonly Column<ListedLink>[] = [
  { title: 'link', align: 'left', cell: ({ name }) => name },
  { title: 'rate', align: 'right', cell: ({ megabitsPerSecond }) => `${megabitsPerSecond} Mbit/s` },
];

/** What there is to name, for a terminal. */
export function catalogueText({ devices, links }: CatalogueJson): string {
  return [
    textTable(deviceColumns, devices),
    textTable(linkColumns, links),
    '  `like: NAME` in a cluster file takes these; tandem catalogue NAME says where each figure comes from.',
  ].join('\n\n');
}

const figureColumns: readonly Column<FigureRow>[] = [
  { title: 'figure', align: 'left', cell: ({ title }) => title },
  { title: 'value', align: 'left', cell: ({ value }) => value },
  { title: 'known from', align: 'left', cell: ({ evidence }) => evidenceTexts[evidence] },
  { title: 'source', align: 'left', cell: ({ source }) => source },
];

const evidenceTexts: Readonly<Record<Evidence, string>> = {
  paper: 'paper',
  maker: 'maker',
  report: 'report',
  measurement: 'measured',
  derived: 'worked out',
  estimate: 'estimate',
  unverified: 'not verified',
};

/** One device or link with the source of every figure. */
export function entryText(found: CatalogueEntry): string {
  if (found.kind === 'device') {
    const { title, kind, class: deviceClass, figures } = found.device;
    return `${title}: ${kind}, ${deviceClass}\n\n${textTable(figureColumns, figureRows(figures))}`;
  }
  const { title, megabitsPerSecond } = found.link;
  const row = { title: 'rate', ...megabitsPerSecond, value: `${megabitsPerSecond.value} Mbit/s` };
  return `${title}\n\n${textTable(figureColumns, [row])}`;
}
