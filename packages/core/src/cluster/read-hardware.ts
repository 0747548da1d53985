import { bytes, bytesPerSecond, flopsPerSecond, hertz, watts } from '../units.ts';
import { type DocumentFaults, type DocumentPath, pathText } from './document-faults.ts';
import { readFields } from './document-fields.ts';
import type { Frequencies, Microarchitecture, Power, PowerPoint } from './hardware.ts';
import {
  type FrequencyValues,
  frequencyFields,
  type MicroarchitectureValues,
  microarchitectureFields,
  type PowerPointValues,
  type PowerValues,
  powerFields,
  powerPointFields,
} from './hardware-fields.ts';

/** The clock rates at `path`, as levels or as a range; undefined only when there are faults. */
export function readFrequencies(
  value: unknown,
  path: DocumentPath,
  faults: DocumentFaults,
): Frequencies | undefined {
  const given = readFields<FrequencyValues>(value, path, frequencyFields, faults);
  const { levelsMegahertz: levels, minimumMegahertz: minimum, maximumMegahertz: maximum } = given;
  if (levels !== undefined && (minimum !== undefined || maximum !== undefined)) {
    faults.add(path, `${pathText(path)} has levelsMegahertz and a range, expected one of the two.`);
    return undefined;
  }
  if (levels !== undefined) {
    checkAscending(levels, [...path, 'levelsMegahertz'], faults);
    return { kind: 'levels', levelsHertz: levels.map(megahertz) };
  }
  if (minimum === undefined || maximum === undefined) {
    faults.add(
      path,
      `${pathText(path)} states no rates, expected levelsMegahertz, or minimumMegahertz and maximumMegahertz.`,
    );
    return undefined;
  }
  if (minimum > maximum)
    faults.add(
      path,
      `${pathText(path)} goes from ${minimum} to ${maximum} MHz, expected the lower rate first.`,
    );
  return { kind: 'range', minimumHertz: megahertz(minimum), maximumHertz: megahertz(maximum) };
}

/** What the device at `path` draws, as a law or as a table; undefined only when there are faults. */
export function readPower(value: unknown, path: DocumentPath, faults: DocumentFaults): Power | undefined {
  const given = readFields<PowerValues>(value, path, powerFields, faults);
  const idleWatts = watts(given.idleWatts ?? 0);
  const { staticWatts, dynamicWattsAtMaximum, exponent, points } = given;
  const isLaw = (staticWatts ?? dynamicWattsAtMaximum ?? exponent) !== undefined;
  if (isLaw && points !== undefined) {
    faults.add(path, `${pathText(path)} has points and a law, expected one of the two.`);
    return undefined;
  }
  if (points !== undefined)
    return { kind: 'table', idleWatts, points: readPoints(points, [...path, 'points'], faults) };
  if (staticWatts === undefined || dynamicWattsAtMaximum === undefined) {
    faults.add(
      path,
      `${pathText(path)} states no draw while busy, expected staticWatts and dynamicWattsAtMaximum, or points.`,
    );
    return undefined;
  }
  return {
    kind: 'law',
    staticWatts: watts(staticWatts),
    idleWatts,
    dynamicWattsAtMaximum: watts(dynamicWattsAtMaximum),
    exponent: exponent ?? 3,
  };
}

function readPoints(values: readonly unknown[], path: DocumentPath, faults: DocumentFaults): PowerPoint[] {
  const points = values.map((value, index) =>
    readFields<PowerPointValues>(value, [...path, index], powerPointFields, faults),
  );
  const rates = points.map((point) => point.megahertz ?? Number.NaN);
  if (!rates.some(Number.isNaN)) checkAscending(rates, path, faults);
  return points.map((point) => ({ hertz: megahertz(point.megahertz ?? 0), watts: watts(point.watts ?? 0) }));
}

function checkAscending(rates: readonly number[], path: DocumentPath, faults: DocumentFaults): void {
  if (rates.length === 0) faults.add(path, `${pathText(path)} is empty, expected at least one rate.`);
  const fault = rates.findIndex((rate, index) => index > 0 && rate <= (rates[index - 1] ?? 0));
  if (fault > 0)
    faults.add(
      path,
      `${pathText(path)} has ${rates[fault]} MHz after ${rates[fault - 1]} MHz, expected each rate above the one before.`,
    );
}

export function readMicroarchitecture(
  value: unknown,
  path: DocumentPath,
  faults: DocumentFaults,
): Microarchitecture {
  const given = readFields<MicroarchitectureValues>(value, path, microarchitectureFields, faults);
  const {
    level1Kibibytes: level1,
    level2Kibibytes: level2,
    level3Kibibytes: level3,
    matrixGigaflopsPerSecond: matrix,
    copyGigabytesPerSecond: copy,
    ...same
  } = given;
  return {
    ...same,
    ...(level1 === undefined ? {} : { level1Bytes: kibibytes(level1) }),
    ...(level2 === undefined ? {} : { level2Bytes: kibibytes(level2) }),
    ...(level3 === undefined ? {} : { level3Bytes: kibibytes(level3) }),
    ...(matrix === undefined ? {} : { matrixFlopsPerSecond: flopsPerSecond(matrix * 1e9) }),
    ...(copy === undefined ? {} : { copyBytesPerSecond: bytesPerSecond(copy * 1e9) }),
  };
}

const megahertz = (value: number) => hertz(Math.round(value * 1e6));
const kibibytes = (value: number) => bytes(Math.round(value * 1024));
