import type { CatalogueFigures, Evidence, Frequencies, Power, Sourced } from '@tandem/core';
import { formatBytes, formatFlops } from '../quantities.ts';

/** A figure as a person reads it. */
export interface FigureRow {
  readonly title: string;
  readonly value: string;
  readonly evidence: Evidence;
  readonly source: string;
}

type Rows = (figures: CatalogueFigures) => readonly FigureRow[];

function rowsOf<Value>(
  title: string,
  figure: (figures: CatalogueFigures) => Sourced<Value> | undefined,
  text: (value: Value) => string,
): Rows {
  return (figures) => {
    const found = figure(figures);
    if (found === undefined) return [];
    return [{ title, value: text(found.value), evidence: found.evidence, source: found.source }];
  };
}

const perSecond =
  (text: (value: number) => string) =>
  (value: number): string =>
    `${text(value)}/s`;
const wattText = (value: number): string => `${Number(value.toPrecision(3))} W`;

const everyRow: readonly Rows[] = [
  rowsOf('memory', ({ memoryBytes }) => memoryBytes, formatBytes),
  rowsOf('memory on chip', ({ onChipMemoryBytes }) => onChipMemoryBytes, formatBytes),
  rowsOf('fp32, sustained', ({ flopsPerSecond }) => flopsPerSecond, perSecond(formatFlops)),
  rowsOf('fp32, peak', ({ peakFlopsPerSecond }) => peakFlopsPerSecond, perSecond(formatFlops)),
  rowsOf(
    'int8, peak',
    ({ peakInt8OperationsPerSecond }) => peakInt8OperationsPerSecond,
    (value) => `${value / 1e12} TOP/s`,
  ),
  rowsOf(
    'memory rate, sustained',
    ({ memoryBytesPerSecond }) => memoryBytesPerSecond,
    perSecond(formatBytes),
  ),
  rowsOf(
    'memory rate, peak',
    ({ peakMemoryBytesPerSecond }) => peakMemoryBytesPerSecond,
    perSecond(formatBytes),
  ),
  rowsOf('peak power', ({ peakWatts }) => peakWatts, wattText),
  rowsOf('peak power, least', ({ leastPeakWatts }) => leastPeakWatts, wattText),
  rowsOf('power', ({ power }) => power, powerText),
  rowsOf('clock', ({ frequencies }) => frequencies, clockText),
  rowsOf('cores', ({ cores }) => cores, String),
  rowsOf(
    'vector width',
    ({ simdBits }) => simdBits,
    (value) => `${value} bit`,
  ),
  rowsOf('multiply-add units of a core', ({ fmaUnits }) => fmaUnits, String),
  rowsOf('cache, level 1', ({ level1Bytes }) => level1Bytes, kibibytes),
  rowsOf('cache, level 2', ({ level2Bytes }) => level2Bytes, kibibytes),
  rowsOf('cache, level 3', ({ level3Bytes }) => level3Bytes, kibibytes),
  rowsOf(
    'instruction sets',
    ({ instructionSets }) => instructionSets,
    (names) => names.join(', '),
  ),
  rowsOf(
    'price',
    ({ priceDollars }) => priceDollars,
    (value) => `$${value}`,
  ),
];

/** Every figure that the entry has. */
export function figureRows(figures: CatalogueFigures): readonly FigureRow[] {
  return everyRow.flatMap((rows) => rows(figures));
}

function kibibytes(value: number): string {
  return `${value / 1024} KiB`;
}

function powerText(power: Power): string {
  const idle = `${wattText(power.idleWatts)} idle`;
  if (power.kind === 'table')
    return [
      idle,
      ...power.points.map(({ hertz, watts }) => `${wattText(watts)} at ${megahertz(hertz)}`),
    ].join(', ');
  const { staticWatts, dynamicWattsAtMaximum, exponent } = power;
  return `${idle}, busy ${wattText(staticWatts)} + ${wattText(dynamicWattsAtMaximum)} × (f / highest)^${exponent}`;
}

function clockText(frequencies: Frequencies): string {
  if (frequencies.kind === 'levels') return frequencies.levelsHertz.map(megahertz).join(', ');
  return `${megahertz(frequencies.minimumHertz)} to ${megahertz(frequencies.maximumHertz)}`;
}

const megahertz = (hertz: number): string => `${Number((hertz / 1e6).toPrecision(4))} MHz`;
