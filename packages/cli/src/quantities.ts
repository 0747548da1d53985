/** Seconds for a person: three significant digits in the unit that reads best. */
export function formatSeconds(value: number): string {
  if (value >= 1) return `${significant(value)} s`;
  if (value >= 1e-3) return `${significant(value * 1e3)} ms`;
  return `${significant(value * 1e6)} µs`;
}

/** Bytes for a person, in powers of 1000. */
export function formatBytes(value: number): string {
  return scaled(value, ['B', 'kB', 'MB', 'GB', 'TB']);
}

/** Operations for a person, in powers of 1000. */
export function formatFlops(value: number): string {
  return scaled(value, ['FLOP', 'kFLOP', 'MFLOP', 'GFLOP', 'TFLOP']);
}

/** Link rates for a person, in powers of 1000. */
export function formatBitRate(value: number): string {
  return scaled(value, ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s', 'Tbit/s']);
}

/** Energy for a person: three significant digits in the unit that reads best. */
export function formatJoules(value: number): string {
  return value >= 1 ? scaled(value, ['J', 'kJ', 'MJ']) : `${significant(value * 1e3)} mJ`;
}

function scaled(value: number, units: readonly string[]): string {
  let rest = value;
  let position = 0;
  while (rest >= 999.5 && position < units.length - 1) {
    rest /= 1000;
    position += 1;
  }
  return `${significant(rest)} ${units[position] ?? ''}`;
}

function significant(value: number): string {
  if (value >= 99.95 || value === 0) return value.toFixed(0);
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}
