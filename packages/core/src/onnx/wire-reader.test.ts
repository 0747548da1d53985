import { describe, expect, test } from 'vitest';
import { bufferSource } from './byte-source.ts';
import { WireReader } from './wire-reader.ts';

const reader = (...bytes: number[]): WireReader => new WireReader(bufferSource(Uint8Array.from(bytes)));

describe('numbers', () => {
  test.each([
    { bytes: [0x00], value: 0n },
    { bytes: [0x7f], value: 127n },
    { bytes: [0x80, 0x01], value: 128n },
    { bytes: [0xff, 0xff, 0xff, 0xff, 0x0f], value: 2n ** 32n - 1n },
    { bytes: [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], value: 2n ** 49n },
    { bytes: [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], value: 2n ** 63n - 1n },
    { bytes: [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], value: -1n },
    { bytes: [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], value: -(2n ** 63n) },
    { bytes: [0x81, 0x80, 0x00], value: 1n },
  ])('$bytes is $value', ({ bytes, value }) => {
    expect(reader(...bytes).bigint(bytes.length)).toBe(value);
  });

  test('beyond 2^53 there is no exact number', () => {
    expect(reader(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f).integer(9)).toBeNull();
  });
});

describe('refusals', () => {
  test.each([
    { what: 'an unfinished number', bytes: [0x80], message: /ends within a field/ },
    { what: 'a number of eleven bytes', bytes: Array(11).fill(0xff), message: /more than ten bytes/ },
  ])('$what', ({ bytes, message }) => {
    expect(() => reader(...bytes).bigint(bytes.length)).toThrow(message);
  });

  test.each([
    { what: 'field number 0', bytes: [0x02], message: /field number 0/ },
    { what: 'a group', bytes: [0x0b], message: /wire type 3/ },
    {
      what: 'a field number of 2^29',
      bytes: [0x80, 0x80, 0x80, 0x80, 0x10],
      message: /field number 536870912/,
    },
    { what: 'a key beyond 2^53', bytes: Array(9).fill(0xff), message: /above 2\^53/ },
  ])('$what', ({ bytes, message }) => {
    expect(() => reader(...bytes).key(bytes.length)).toThrow(message);
  });

  test('a length beyond what is left, with both numbers', () => {
    expect(() => reader(0x05, 1, 2).span(3)).toThrow('announces 5 bytes where 2 are left, at byte 0');
  });

  test('text that is not UTF-8 is null, a byte order mark is kept', () => {
    expect(reader(0x01, 0xff).text(2)).toBeNull();
    expect(reader(0x03, 0xef, 0xbb, 0xbf).text(4)).toBe('\ufeff');
  });
});
