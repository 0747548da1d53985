import { i32x4, load, store, type Vector } from './expression.ts';
import { everySixteen, type Kernel, KernelWriter } from './kernel-writer.ts';

/**
 * range(values, count, found): the greatest of the values' bits and 0, first as integers without a sign, then as integers with one, each
 * as four lanes still to be joined, one after another at `found`. Read as numbers again, the former hold the least value where one is
 * negative, the latter the greatest where one is positive, since bits are in the order of the magnitudes, and NaN is above infinity: one
 * of either sign is found in the lanes of that sign.
 */
export function rangeKernel(): Kernel {
  const writer = new KernelWriter();
  const [values, count, found] = [writer.parameter('i32'), writer.parameter('i32'), writer.parameter('i32')];
  const [least, greatest] = [writer.local('v128'), writer.local('v128')];
  const loaded = [0, 16, 32, 48].map((offset) => ({ local: writer.local('v128'), offset }));
  const joined = (join: (left: Vector, right: Vector) => Vector, so: Vector): Vector => {
    const [first, second, third, fourth] = loaded.map(({ local }) => local);
    if (!first || !second || !third || !fourth) return so;
    return join(so, join(join(first, second), join(third, fourth)));
  };
  return writer.finish('range', [
    everySixteen(
      count,
      [[values, 64]],
      [
        ...loaded.map(({ local, offset }) => local.set(load(values, offset))),
        least.set(joined(i32x4.maxUnsigned, least)),
        greatest.set(joined(i32x4.maxSigned, greatest)),
      ],
    ),
    store(found, least, 0),
    store(found, greatest, 16),
  ]);
}
