import { describe, expect, test } from 'vitest';
import { bufferSource, rangeOf } from './byte-source.ts';
import type { ElementType, TensorProto } from './model.ts';
import { tensorBytes } from './tensor-bytes.ts';
import { tensorCodec } from './tensor-codec.ts';
import { tensorIntegers } from './tensor-integers.ts';
import { WireReader } from './wire-reader.ts';

const read = (bytes: readonly number[]): TensorProto =>
  tensorCodec.read(new WireReader(bufferSource(Uint8Array.from(bytes))), bytes.length);

const write = (tensor: TensorProto): number[] =>
  tensorCodec
    .write(tensor)
    .ranges()
    .flatMap((range) => [...range.source.read(range.offset, range.length)]);

/** dims [count], then the type. */
const head = (count: number, code: number): number[] => [0x08, count, 0x10, code];
const minusOne = [...Array(9).fill(0xff), 0x01];

describe('elements kept as numbers', () => {
  test.each([
    { type: 'float32', wire: [...head(1, 1), 0x22, 4, 0, 0, 0x80, 0x3f], bytes: [0, 0, 0x80, 0x3f] },
    {
      type: 'float32, one by one',
      wire: [...head(2, 1), 0x25, 1, 2, 3, 4, 0x25, 5, 6, 7, 8],
      bytes: [1, 2, 3, 4, 5, 6, 7, 8],
    },
    {
      type: 'float64',
      wire: [...head(1, 11), 0x52, 8, 1, 2, 3, 4, 5, 6, 7, 8],
      bytes: [1, 2, 3, 4, 5, 6, 7, 8],
    },
    {
      type: 'int64',
      wire: [...head(2, 7), 0x3a, 11, 5, ...minusOne],
      bytes: [5, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255],
    },
    {
      type: 'int64, one by one',
      wire: [...head(2, 7), 0x38, 5, 0x38, 6],
      bytes: [5, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0],
    },
    { type: 'int32', wire: [...head(1, 6), 0x2a, 10, ...minusOne], bytes: [255, 255, 255, 255] },
    { type: 'int8', wire: [...head(2, 3), 0x2a, 11, ...minusOne, 1], bytes: [255, 1] },
    { type: 'bool', wire: [...head(2, 9), 0x2a, 2, 1, 0], bytes: [1, 0] },
    { type: 'float16', wire: [...head(1, 10), 0x2a, 2, 0x80, 0x78], bytes: [0x00, 0x3c] },
    {
      type: 'uint32',
      wire: [...head(1, 12), 0x5a, 5, 0xff, 0xff, 0xff, 0xff, 0x0f],
      bytes: [255, 255, 255, 255],
    },
    { type: 'int4, two to a number', wire: [...head(3, 22), 0x2a, 2, 0x21, 3], bytes: [0x21, 3] },
    {
      type: 'complex64',
      wire: [...head(1, 14), 0x22, 8, 1, 2, 3, 4, 5, 6, 7, 8],
      bytes: [1, 2, 3, 4, 5, 6, 7, 8],
    },
  ])('$type: little-endian bytes, and written back as they were', ({ wire, bytes }) => {
    expect([...tensorBytes(read(wire))]).toEqual(bytes);
    expect(write(read(wire))).toEqual(wire);
  });

  test('a changed name leaves them in their field', () => {
    const wire = [...head(1, 7), 0x3a, 1, 5];
    expect(write({ ...read(wire), name: 'n' })).toEqual([...wire, 0x42, 1, 110]);
  });
});

describe('refusals', () => {
  test.each([
    {
      what: 'too few raw bytes',
      wire: [...head(2, 1), 0x4a, 4, 0, 0, 0, 0],
      message: /holds 4 bytes, expected 8 for float32 \[2\]/,
    },
    { what: 'no elements at all', wire: head(2, 1), message: /holds 0 bytes, expected 8/ },
    {
      what: 'too few numbers',
      wire: [...head(2, 7), 0x3a, 2, 0x81, 0x00],
      message: /dims ask for 2 numbers/,
    },
    {
      what: 'too many numbers',
      wire: [...head(1, 7), 0x3a, 2, 1, 1],
      message: /holds more where its dims ask for 1/,
    },
    {
      what: 'dims of a bomb',
      wire: [0x08, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x10, 7, 0x3a, 1, 1],
      message: /dims ask for 4294967295/,
    },
    {
      what: 'dims beyond 2^53',
      wire: [0x08, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x08, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x10, 1],
      message: /product below 2\^53/,
    },
    { what: 'a negative size', wire: [0x08, ...minusOne, 0x10, 1], message: /dims \[-1\]/ },
    {
      what: 'numbers in the wrong field',
      wire: [...head(1, 1), 0x3a, 1, 1],
      message: /of type float32 keeps its elements in int64_data/,
    },
    {
      what: 'two places',
      wire: [...head(1, 1), 0x22, 4, 0, 0, 0, 0, 0x4a, 4, 0, 0, 0, 0],
      message: /more than one place/,
    },
    { what: 'scattered numbers', wire: [...head(2, 7), 0x38, 1, 0x42, 0, 0x38, 1], message: /scattered/ },
    { what: 'no type', wire: [0x08, 1, 0x4a, 1, 0], message: /element type number 0/ },
    { what: 'a type of tomorrow', wire: [0x08, 1, 0x10, 99, 0x4a, 1, 0], message: /element type number 99/ },
    { what: 'missing strings', wire: [...head(2, 8), 0x32, 1, 97], message: /holds 1 strings, expected 2/ },
    {
      what: 'external without location',
      wire: [...head(1, 1), 0x70, 1],
      message: /location of its external data/,
    },
    {
      what: 'external at a negative offset',
      wire: [
        ...head(1, 1),
        0x6a,
        13,
        0x0a,
        8,
        ...ascii('location'),
        0x12,
        1,
        97,
        0x6a,
        12,
        0x0a,
        6,
        ...ascii('offset'),
        0x12,
        2,
        45,
        49,
        0x70,
        1,
      ],
      message: /'-1' for the offset/,
    },
  ])('$what', ({ wire, message }) => {
    expect(() => read(wire)).toThrow(message);
  });
});

const tensor = (elementType: ElementType, dims: number[], bytes: number[]): TensorProto => ({
  name: 't',
  elementType,
  dims,
  data: { kind: 'bytes', bytes: rangeOf(Uint8Array.from(bytes)) },
  documentation: '',
});

describe('tensorIntegers', () => {
  test.each([
    { type: 'int64', bytes: [255, 255, 255, 255, 255, 255, 255, 255], value: -1n },
    { type: 'uint64', bytes: [255, 255, 255, 255, 255, 255, 255, 255], value: 2n ** 64n - 1n },
    { type: 'int32', bytes: [254, 255, 255, 255], value: -2n },
    { type: 'uint16', bytes: [1, 2], value: 513n },
    { type: 'int8', bytes: [128], value: -128n },
    { type: 'bool', bytes: [1], value: 1n },
  ] as const)('$type $bytes is $value', ({ type, bytes, value }) => {
    expect(tensorIntegers(tensor(type, [], [...bytes]))).toEqual([value]);
    expect(tensorIntegers(tensor(type, [2], [...bytes, ...bytes]))).toEqual([value, value]);
  });

  test('floats, long lists, disagreeing lengths and other files are refused', () => {
    expect(() => tensorIntegers(tensor('float32', [1], [0, 0, 0, 0]))).toThrow(
      /expected at most 65536 integers/,
    );
    expect(() => tensorIntegers(tensor('bool', [65537], []))).toThrow(/65537 elements/);
    expect(() => tensorIntegers(tensor('int32', [2], [0, 0, 0, 0]))).toThrow(/holds 4 bytes, expected 8/);
    const outside = { kind: 'external', location: 'w.bin', offset: 0, length: null } as const;
    expect(() => tensorIntegers({ ...tensor('int32', [1], []), data: outside })).toThrow(/'w.bin'/);
  });
});

function ascii(text: string): number[] {
  return [...new TextEncoder().encode(text)];
}
