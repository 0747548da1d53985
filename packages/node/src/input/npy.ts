import { type ElementType, InvalidInputError } from '@tandem/core';
import { type TensorValue, tensorByteLength } from '@tandem/runtime';
import { type FileSource, openFileSource } from '../files/file-source.ts';
import type { InputTensor } from './picture-tensor.ts';

/** NumPy's type descriptions of element types; '<' is little-endian, '|' says that order does not matter. */
const descriptions: Readonly<Record<string, ElementType>> = {
  '<f4': 'float32',
  '<f8': 'float64',
  '<f2': 'float16',
  '|u1': 'uint8',
  '|i1': 'int8',
  '|b1': 'bool',
  '<u2': 'uint16',
  '<i2': 'int16',
  '<u4': 'uint32',
  '<i4': 'int32',
  '<u8': 'uint64',
  '<i8': 'int64',
  '<c8': 'complex64',
  '<c16': 'complex128',
};

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const longestHeader = 65_536;

interface NpyHeader {
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly dataOffset: number;
}

/**
 * The array in a .npy file (format 1 to 3, C order, little-endian) as the value of `input`. Throws InvalidInputError when the file is
 * malformed or its element type or shape is not the input's.
 */
export function readNpy(path: string, input: InputTensor): TensorValue {
  const source = openFileSource(path);
  try {
    const header = readHeader(source);
    checkFits(source, header, input);
    const data = new Uint8Array(source.size - header.dataOffset);
    source.readInto(data, header.dataOffset);
    return { name: input.name, type: input.type, shape: input.shape, data };
  } finally {
    source.close();
  }
}

function readHeader(source: FileSource): NpyHeader {
  const start = source.read(0, Math.min(12, source.size));
  if (start.length < 12 || magic.some((byte, index) => start[index] !== byte)) {
    throw fault(source, 'it does not begin like a .npy file');
  }
  const version = start[6] ?? 0;
  if (version < 1 || version > 3) throw fault(source, `it has format version ${version}, expected 1, 2 or 3`);
  const view = new DataView(start.buffer, start.byteOffset, start.length);
  const [textOffset, length] = version === 1 ? [10, view.getUint16(8, true)] : [12, view.getUint32(8, true)];
  const dataOffset = textOffset + length;
  if (length > longestHeader || dataOffset > source.size)
    throw fault(source, `its header says ${length} bytes`);
  const text = new TextDecoder().decode(source.read(textOffset, length));
  return { ...parseHeader(source, text), dataOffset };
}

/** The header is a Python dictionary; only the three keys that the format defines are looked for, nothing is evaluated. */
function parseHeader(source: FileSource, text: string): Omit<NpyHeader, 'dataOffset'> {
  const description = /'descr':\s*'([^']{1,8})'/.exec(text)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(text)?.[1];
  const sides = /'shape':\s*\(([\d,\s]*)\)/.exec(text)?.[1];
  if (description === undefined || order === undefined || sides === undefined) {
    throw fault(source, 'its header lacks a plain descr, fortran_order or shape');
  }
  if (order === 'True') throw fault(source, 'it is in Fortran order', 'Save numpy.ascontiguousarray(array).');
  const type = Object.hasOwn(descriptions, description) ? descriptions[description] : undefined;
  if (type === undefined) {
    throw fault(
      source,
      `its elements are '${description}'`,
      "Save array.astype('<f4') or another plain little-endian type.",
    );
  }
  return { type, shape: (sides.match(/\d+/g) ?? []).map(Number) };
}

function checkFits(source: FileSource, header: NpyHeader, input: InputTensor): void {
  const got = `${header.type} [${header.shape.join(', ')}]`;
  const wanted = `${input.type} [${input.shape.join(', ')}]`;
  if (got !== wanted) {
    throw fault(
      source,
      `it holds ${got}, but the input '${input.name}' takes ${wanted}`,
      'Convert the array first.',
    );
  }
  const expected = tensorByteLength(input.type, input.shape);
  const present = source.size - header.dataOffset;
  if (present !== expected) throw fault(source, `its array has ${present} bytes, expected ${expected}`);
}

function fault(
  source: FileSource,
  what: string,
  remedy = 'Write the file again with numpy.save.',
): InvalidInputError {
  return new InvalidInputError(`${source.path} cannot be used: ${what}.`, remedy);
}
