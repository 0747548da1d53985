import type { DeviceDescription } from '@tandem/runtime';
import { formatBytes, formatFlops } from '../quantities.ts';
import { textTable } from '../text-table.ts';

interface Line {
  readonly what: string;
  readonly value: string;
  /** Key of `sources`. */
  readonly key: string;
}

/** A device for a person: each figure with where it comes from, and what is not known. */
export function descriptionText(id: string, description: DeviceDescription): string {
  const { sources, unknown } = description;
  const origin = ({ key }: Line): string => {
    const source = sources.find(({ what }) => what === key);
    return source === undefined ? '' : `${source.how}: ${source.from}`;
  };
  const table = textTable<Line>(
    [
      { title: id, align: 'left', cell: ({ what }) => what },
      { title: '', align: 'left', cell: ({ value }) => value },
      { title: 'from', align: 'left', cell: origin },
    ],
    linesOf(description),
  );
  const missing = unknown.map(({ what, why }) => `  ${what}: ${why}`);
  return [table, ...(missing.length === 0 ? [] : ['', `not known of ${id}`, ...missing])].join('\n');
}

function linesOf(description: DeviceDescription): Line[] {
  const { microarchitecture: traits, frequencies, sensors, matrixRates, copyRate } = description;
  const lines: Line[] = [];
  const add = <Value>(
    what: string,
    key: string,
    value: Value | undefined,
    text: (value: Value) => string,
  ) => {
    if (value !== undefined) lines.push({ what, key, value: text(value) });
  };
  const plain = (value: string | number): string => String(value);
  add('processor', 'processor', description.processor, plain);
  add('board', 'board', description.board, plain);
  add('class', 'class', traits.class, plain);
  add('cores', 'cores', traits.cores, plain);
  add('threads', 'threads', description.threads, plain);
  add('vectors', 'simdBits', traits.simdBits, (bits) => `${bits} bits`);
  add('multiply-add units', 'fmaUnits', traits.fmaUnits, plain);
  add('instruction sets', 'instructionSets', traits.instructionSets, (sets) => sets.join(' '));
  for (const { level, kind, sizeBytes, sharedBy } of description.caches) {
    const shared = sharedBy === 1 ? '' : `, shared by ${sharedBy}`;
    if (kind !== 'instruction')
      add(`level ${level} cache`, `level${level}Bytes`, sizeBytes, (size) => `${size / 1024} KiB${shared}`);
  }
  add('memory', 'memoryBytes', description.memoryBytes, formatBytes);
  add('memory free', 'availableMemoryBytes', description.availableMemoryBytes, formatBytes);
  add('clock rates', 'frequencies', frequencies, frequenciesText);
  add('clock now', 'frequencyHertz', description.frequencyHertz, megahertz);
  add('governor', 'governor', description.governor, plain);
  add('power mode', 'powerMode', description.powerMode, plain);
  add('temperature', 'temperatureCelsius', sensors.temperatureCelsius, (value) => `${value.toFixed(1)} °C`);
  add('battery', 'batteryShare', sensors.batteryShare, (value) => `${Math.round(100 * value)} %`);
  add('charging', 'charging', sensors.charging, (value) => (value ? 'yes' : 'no'));
  for (const { threads, flopsPerSecond, spreadFlopsPerSecond } of matrixRates)
    add(`matrix product, ${threads} thr.`, 'matrixFlopsPerSecond', flopsPerSecond, (rate) =>
      withSpread(formatFlops, rate, spreadFlopsPerSecond),
    );
  add('copy', 'copyBytesPerSecond', copyRate, ({ bytesPerSecond, spreadBytesPerSecond }) =>
    withSpread(formatBytes, bytesPerSecond, spreadBytesPerSecond),
  );
  return lines;
}

const withSpread = (format: (value: number) => string, rate: number, spread: number): string =>
  `${format(rate)}/s (spread ${format(spread)}/s)`;

const megahertz = (value: number): string => `${Math.round(value / 1e6)} MHz`;

function frequenciesText(frequencies: NonNullable<DeviceDescription['frequencies']>): string {
  return frequencies.kind === 'levels'
    ? `${frequencies.levelsHertz.map((level) => Math.round(level / 1e6)).join(', ')} MHz`
    : `${megahertz(frequencies.minimumHertz)} to ${megahertz(frequencies.maximumHertz)}`;
}
