import { f32x4, load, store, type Vector, v128 } from './expression.ts';
import { everySixteen, type Kernel, KernelWriter } from './kernel-writer.ts';

/**
 * range(values, count, found): the least and the greatest of the values and 0, and a mask that is not 0 where there was NaN, each as four
 * lanes still to be joined, one after another at `found`. Where there was NaN the others mean nothing.
 */
export function rangeKernel(): Kernel {
  const writer = new KernelWriter();
  const [values, count, found] = [writer.parameter('i32'), writer.parameter('i32'), writer.parameter('i32')];
  const [least, greatest, strange] = [writer.local('v128'), writer.local('v128'), writer.local('v128')];
  const loaded = [0, 16, 32, 48].map((offset) => ({ local: writer.local('v128'), offset }));
  const joined = (
    join: (left: Vector, right: Vector) => Vector,
    so: Vector,
    of: (each: Vector) => Vector,
  ): Vector => {
    const [first, second, third, fourth] = loaded.map(({ local }) => of(local));
    if (!first || !second || !third || !fourth) return so;
    return join(so, join(join(first, second), join(third, fourth)));
  };
  const itself = (each: Vector): Vector => each;
  return writer.finish('range', [
    everySixteen(
      count,
      [[values, 64]],
      [
        ...loaded.map(({ local, offset }) => local.set(load(values, offset))),
        least.set(joined(f32x4.min, least, itself)),
        greatest.set(joined(f32x4.max, greatest, itself)),
        strange.set(joined(v128.or, strange, (each) => f32x4.notEqual(each, each))),
      ],
    ),
    store(found, least, 0),
    store(found, greatest, 16),
    store(found, strange, 32),
  ]);
}
