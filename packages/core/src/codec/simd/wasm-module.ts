import { unsigned, type ValueType } from './expression.ts';
import type { Kernel } from './kernel-writer.ts';

const typeCodes: Readonly<Record<ValueType, number>> = { i32: 0x7f, f32: 0x7d, v128: 0x7b };

/** A module of these kernels, exported by their names, over the memory that is imported as `memory` of `host`. */
export function wasmModule(kernels: readonly Kernel[]): Uint8Array<ArrayBuffer> {
  const types = kernels.map(({ parameters }) => [0x60, ...list(parameters.map(typeCode)), 0]);
  const memory = [...text('host'), ...text('memory'), 0x02, 0x00, 0];
  const indices = kernels.map((_, index) => unsigned(index));
  const exported = kernels.map(({ name }, index) => [...text(name), 0x00, ...unsigned(index)]);
  return Uint8Array.from([
    ...header,
    ...section(1, types),
    ...section(2, [memory]),
    ...section(3, indices),
    ...section(7, exported),
    ...section(10, kernels.map(code)),
  ]);
}

/** '\0asm', version 1. */
const header: readonly number[] = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

const typeCode = (type: ValueType): number[] => [typeCodes[type]];

function code({ locals, body }: Kernel): number[] {
  const declared = locals.map((type) => [1, typeCodes[type]]);
  return sized([...list(declared), ...body, 0x0b]);
}

const section = (id: number, items: readonly (readonly number[])[]): number[] => [id, ...sized(list(items))];
const list = (items: readonly (readonly number[])[]): number[] => [
  ...unsigned(items.length),
  ...items.flat(),
];
const sized = (bytes: readonly number[]): number[] => [...unsigned(bytes.length), ...bytes];
const text = (ascii: string): number[] => sized(Array.from(ascii, (letter) => letter.charCodeAt(0)));
