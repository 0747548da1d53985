import { InvalidInputError } from '../errors.ts';
import { bitsPerSecond, hertz } from '../units.ts';
import { catalogueLinks } from './catalogue/catalogue-links.ts';
import { notInCatalogue } from './catalogue/find-in-catalogue.ts';
import { type LinkValues, linkFields, type ShannonValues, shannonFields } from './cluster-fields.ts';
import { type DocumentFaults, type DocumentPath, pathText, valueText } from './document-faults.ts';
import { readFields, statedKeys } from './document-fields.ts';
import type { Rate } from './rate.ts';
import type { TraceShelf } from './trace-shelf.ts';

/** A link as its entry describes it; what is faulty is absent. */
export interface LinkEntry extends LinkValues {
  readonly rate?: Rate;
}

const ways = ['megabitsPerSecond', 'shannon', 'trace'] as const;

/** The entry at `path`. Its rate is stated in one way; what it states itself goes before the catalogue. */
export function readLink(
  value: unknown,
  path: DocumentPath,
  traces: TraceShelf,
  faults: DocumentFaults,
): LinkEntry {
  const values = readFields<LinkValues>(value, path, linkFields, faults);
  const stated = statedKeys(value, [...ways, 'like', 'loop']);
  if (stated !== null) checkWays(stated, path, faults);
  const rate = ownRate(values, path, traces, faults) ?? likeRate(values.like, [...path, 'like'], faults);
  return { ...values, ...(rate === undefined ? {} : { rate }) };
}

function checkWays(stated: readonly string[], path: DocumentPath, faults: DocumentFaults): void {
  const own = ways.filter((way) => stated.includes(way));
  if (own.length > 1) faults.add(path, `${pathText(path)} has ${own.join(' and ')}, expected one of them.`);
  if (own.length === 0 && !stated.includes('like'))
    faults.add(path, `${pathText(path)} states no rate, expected ${ways.join(', ')} or like.`);
  if (stated.includes('loop') && !stated.includes('trace'))
    faults.add([...path, 'loop'], `${pathText(path)} has loop and no trace, expected it with a trace only.`);
}

function ownRate(
  { megabitsPerSecond, shannon, trace, loop, bothWays }: LinkValues,
  path: DocumentPath,
  traces: TraceShelf,
  faults: DocumentFaults,
): Rate | undefined {
  if (megabitsPerSecond !== undefined) return constantRate(megabitsPerSecond);
  if (shannon !== undefined) return shannonRate(shannon, [...path, 'shannon'], faults);
  if (trace === undefined) return undefined;
  try {
    const points = traces.take(trace, bothWays === true ? 2 : 1);
    return { kind: 'trace', points, loop: loop ?? false };
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    faults.add([...path, 'trace'], `${pathText([...path, 'trace'])}: ${error.message}`);
    return undefined;
  }
}

function shannonRate(value: unknown, path: DocumentPath, faults: DocumentFaults): Rate | undefined {
  const { bandwidthMegahertz, snrDecibels } = readFields<ShannonValues>(value, path, shannonFields, faults);
  if (bandwidthMegahertz === undefined || snrDecibels === undefined) return undefined;
  return { kind: 'shannon', bandwidthHertz: hertz(bandwidthMegahertz * 1e6), snrDecibels };
}

function likeRate(name: string | undefined, path: DocumentPath, faults: DocumentFaults): Rate | undefined {
  if (name === undefined) return undefined;
  const like = Object.hasOwn(catalogueLinks, name) ? catalogueLinks[name] : undefined;
  if (like !== undefined) return constantRate(like.megabitsPerSecond.value);
  const advice = notInCatalogue(name, Object.keys(catalogueLinks));
  faults.add(path, `${pathText(path)} is ${valueText(name)}, ${advice}`);
  return undefined;
}

function constantRate(megabits: number): Rate {
  return { kind: 'constant', bitsPerSecond: bitsPerSecond(megabits * 1e6) };
}
