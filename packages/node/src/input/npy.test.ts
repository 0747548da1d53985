import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidInputError } from '@tandem/core';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { readNpy } from './npy.ts';
import type { InputTensor } from './picture-tensor.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-npy-'));
afterAll(() => rmSync(folder, { recursive: true }));

const input: InputTensor = { name: 'x', type: 'float32', shape: [2, 2] };
const elements = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);
const plain = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }";

function npy(header: string, data: Uint8Array, version = 1): Uint8Array {
  const text = new TextEncoder().encode(`${header}\n`);
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  if (version === 1) length.writeUInt16LE(text.length);
  else length.writeUInt32LE(text.length);
  return Buffer.concat([Buffer.from('\x93NUMPY', 'latin1'), Uint8Array.of(version, 0), length, text, data]);
}

function file(bytes: Uint8Array): string {
  writeFileSync(join(folder, 'array.npy'), bytes);
  return join(folder, 'array.npy');
}

describe('readNpy', () => {
  it.each([1, 2, 3])('reads format version %d', (version) => {
    expect(readNpy(file(npy(plain, elements, version)), input)).toEqual({ ...input, data: elements });
  });

  it.each([
    ['int64', '<i8', [3], 24],
    ['uint8', '|u1', [3], 3],
    ['bool', '|b1', [1], 1],
    ['float16', '<f2', [], 2],
  ] as const)('reads %s', (type, description, shape, size) => {
    const sides = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
    const header = `{'shape': (${sides}), 'fortran_order': False, 'descr': '${description}'}`;
    const value = readNpy(file(npy(header, new Uint8Array(size).fill(1))), { name: 'x', type, shape });
    expect(value.data).toEqual(new Uint8Array(size).fill(1));
  });

  it.each([
    [
      'another type',
      plain.replace('<f4', '<f8'),
      /holds float64 \[2, 2\], but the input 'x' takes float32 \[2, 2\]/,
    ],
    ['another shape', plain.replace('(2, 2)', '(4,)'), /holds float32 \[4\]/],
    ['Fortran order', plain.replace('False', 'True'), /Fortran order/],
    ['big-endian elements', plain.replace('<f4', '>f4'), /elements are '>f4'/],
    ['objects', plain.replace('<f4', '|O'), /elements are '\|O'/],
    ['records', plain.replace("'<f4'", "[('a', '<f4')]"), /lacks a plain descr/],
    ['no dictionary', 'hello', /lacks a plain descr/],
  ])('refuses %s', (_, header, message) => {
    const path = file(npy(header, elements));
    expect(() => readNpy(path, input)).toThrow(InvalidInputError);
    expect(() => readNpy(path, input)).toThrow(message);
  });

  it.each([
    ['elements are missing', npy(plain, elements.subarray(1)), /has 15 bytes, expected 16/],
    ['the version is unknown', npy(plain, elements, 4), /format version 4/],
    ['the header is longer than the file', npy(plain, elements).subarray(0, 40), /header says/],
    ['it is something else', Buffer.from('not an array at all'), /does not begin like/],
    ['it is too short to tell', Buffer.from('\x93NUM', 'latin1'), /does not begin like/],
  ])('refuses a file where %s', (_, bytes, message) => {
    expect(() => readNpy(file(bytes), input)).toThrow(message);
  });

  it('answers any damaged file with a value or InvalidInputError', () => {
    const whole = npy(plain, elements);
    const damage = fc.tuple(fc.nat(whole.length - 1), fc.nat(255), fc.integer({ min: 1, max: whole.length }));
    fc.assert(
      fc.property(damage, ([position, byte, length]) => {
        const bytes = whole.slice(0, length);
        if (position < length) bytes[position] = byte;
        try {
          expect(readNpy(file(bytes), input).data).toHaveLength(16);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidInputError);
        }
      }),
      { seed: 5, numRuns: 1000 },
    );
  });
});
