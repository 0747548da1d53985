import {
  constant,
  everyLane,
  i16x8,
  i32x4,
  i64x2,
  load,
  pick,
  store,
  type Vector,
  v128,
} from './expression.ts';
import { everySixteen, type Kernel, KernelWriter } from './kernel-writer.ts';

interface Lanes {
  readonly bits: 16 | 32 | 64;
  readonly shiftLeft: (operand: Vector, count: number) => Vector;
  readonly shiftRight: (operand: Vector, count: number) => Vector;
}

/** Each holds two of the lanes before it, the first of which are bytes. */
const widths: readonly Lanes[] = [
  { bits: 16, ...i16x8 },
  { bits: 32, ...i32x4 },
  { bits: 64, ...i64x2 },
];

/** The lowest `count` bits from bit `from` on, in all lanes of this width. */
function mask({ bits }: Lanes, from: number, count: number): Vector {
  const ones = ((1n << BigInt(count)) - 1n) << BigInt(from);
  let lanes = 0n;
  for (let at = 0; at < 64; at += bits) lanes |= ones << BigInt(at);
  return everyLane.i64(BigInt.asIntN(64, lanes));
}

/** pack(codes, count, packed): what `packBits` does, 16 codes a turn. Writes up to 16 bytes beyond the last code's. */
export function packKernel(bits: number): Kernel {
  const writer = new KernelWriter();
  const [codes, count, packed] = [writer.parameter('i32'), writer.parameter('i32'), writer.parameter('i32')];
  const row = writer.local('v128');
  // Pushes the upper half of each lane down to the lower: two codes, then four, then eight lie next to each other.
  const joins = widths.map((lanes) => {
    const half = lanes.bits / 2;
    const filled = (bits * half) / 8;
    const upper = v128.and(row, mask(lanes, half, filled));
    const lower = v128.and(row, mask(lanes, 0, filled));
    return row.set(v128.or(lower, lanes.shiftRight(upper, half - filled)));
  });
  return writer.finish(`pack${bits}`, [
    everySixteen(
      count,
      [
        [codes, 16],
        [packed, 2 * bits],
      ],
      [
        row.set(load(codes)),
        ...joins,
        store(packed, pick(row, constant(indices(2 * bits, (at) => (at < bits ? at : at - bits + 8))))),
      ],
    ),
  ]);
}

/** unpack(packed, count, codes): what `unpackBits` does, 16 codes a turn. Reads up to 16 bytes beyond the last code's. */
export function unpackKernel(bits: number): Kernel {
  const writer = new KernelWriter();
  const [packed, count, codes] = [writer.parameter('i32'), writer.parameter('i32'), writer.parameter('i32')];
  const row = writer.local('v128');
  const splits = widths.toReversed().map((lanes) => {
    const half = lanes.bits / 2;
    const filled = (bits * half) / 8;
    const upper = v128.and(row, mask(lanes, filled, filled));
    const lower = v128.and(row, mask(lanes, 0, filled));
    return row.set(v128.or(lower, lanes.shiftLeft(upper, half - filled)));
  });
  const spread = indices(16, (at) => (at % 8 >= bits ? 255 : at < 8 ? at : at - 8 + bits));
  return writer.finish(`unpack${bits}`, [
    everySixteen(
      count,
      [
        [packed, 2 * bits],
        [codes, 16],
      ],
      [row.set(pick(load(packed), constant(spread))), ...splits, store(codes, row)],
    ),
  ]);
}

/** Which byte goes where; 255, none, from `count` on. */
function indices(count: number, of: (at: number) => number): Uint8Array {
  return Uint8Array.from({ length: 16 }, (_, at) => (at < count ? of(at) : 255));
}
