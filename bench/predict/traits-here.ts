import { cpus } from 'node:os';
import { bytes, bytesPerSecond, type DeviceTraits, flopsPerSecond, InvalidInputError } from '@tandem/core';
import { cores } from './cores.ts';

/** How to read this machine's processor: [text in its name, its kind of core, its clock where the name is silent, memory GB/s]. */
const known: readonly (readonly [string, string, number, number])[] = [
  ['EPYC', 'zen3', 2.6, 100],
  ['Xeon', 'xeon', 2.5, 100],
];

/** Bytes that one core can have under way a cycle, as placement.ts has it. */
const bytesPerCycle = 4;

/** The traits of `threads` cores of the machine that measures, in the terms of the ncnn table's devices. Throws InvalidInputError for a processor that no row describes. */
export function traitsHere(threads: number): DeviceTraits {
  const model = cpus()[0]?.model ?? '';
  const row = known.find(([text]) => model.includes(text));
  const core = cores[row?.[1] ?? ''];
  if (row === undefined || core === undefined)
    throw new InvalidInputError(
      `the processor is '${model}', expected one of ${known.map(([text]) => text).join(', ')}`,
      'Add it to bench/predict/traits-here.ts.',
    );
  const [, , gigahertz, gigabytes] = row;
  const hertz = gigahertz * 1e9;
  return {
    threads,
    flopsPerSecond: flopsPerSecond(threads * hertz * core.operationsPerCycle),
    memoryBytesPerSecond: bytesPerSecond(Math.min(gigabytes * 1e9, threads * hertz * bytesPerCycle)),
    clockHertz: hertz,
    operationsPerCycle: core.operationsPerCycle,
    outOfOrder: core.outOfOrder,
    cacheBytes: bytes(core.cacheMebibytes * 2 ** 20),
  };
}
