import { f32x4, load, store, type Vector } from './expression.ts';
import { everySixteen, type Kernel, KernelWriter } from './kernel-writer.ts';

/** dot(left, right, count, found): the products of the values of two vectors, added up in four lanes that are still to be joined. */
export function dotKernel(): Kernel {
  const writer = new KernelWriter();
  const [left, right, count, found] = [
    writer.parameter('i32'),
    writer.parameter('i32'),
    writer.parameter('i32'),
    writer.parameter('i32'),
  ];
  // Four sums, so that one addition does not wait for the other.
  const sums = [0, 16, 32, 48].map((offset) => ({ sum: writer.local('v128'), offset }));
  const product = (offset: number): Vector => f32x4.mul(load(left, offset), load(right, offset));
  const [first, second, third, fourth] = sums.map(({ sum }) => sum);
  if (!first || !second || !third || !fourth) throw new Error('unreachable: four sums');
  return writer.finish('dot', [
    everySixteen(
      count,
      [
        [left, 64],
        [right, 64],
      ],
      sums.map(({ sum, offset }) => sum.set(f32x4.add(sum, product(offset)))),
    ),
    store(found, f32x4.add(f32x4.add(first, second), f32x4.add(third, fourth))),
  ]);
}
