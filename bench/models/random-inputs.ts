import { elementBits, type Graph, InvalidInputError, type Random } from '@tandem/core';
import type { TensorValue } from '@tandem/runtime';

/** Seeded inputs of a graph: real numbers uniform in [-1, 1). Throws InvalidInputError for other element types. */
export function randomInputs(graph: Graph, random: Random): TensorValue[] {
  return graph.inputs.map((id) => {
    const tensor = graph.tensors[id];
    if (tensor === undefined)
      throw new InvalidInputError(`${graph.name} lacks tensor ${id}`, 'Read it again.');
    const { name, type, shape } = tensor;
    const elements = shape.reduce((product, extent) => product * extent, 1);
    const data = new Uint8Array((elements * elementBits[type]) / 8);
    fill(data, type, random.split(name), name);
    return { name, type, shape, data };
  });
}

function fill(data: Uint8Array<ArrayBuffer>, type: string, random: Random, name: string): void {
  const value = (): number => random.next() * 2 - 1;
  if (type === 'float32') new Float32Array(data.buffer).forEach((_, index, all) => (all[index] = value()));
  else if (type === 'float16')
    new Uint16Array(data.buffer).forEach((_, index, all) => (all[index] = half(value())));
  else
    throw new InvalidInputError(
      `the input ${name} is ${type}, expected float32 or float16`,
      'Use another model.',
    );
}

/** The binary16 just below or above a number of magnitude < 1: the float32's top bits, rebased; below 2⁻¹⁴ zero. */
function half(value: number): number {
  const bits = new Uint32Array(new Float32Array([value]).buffer)[0] ?? 0;
  const exponent = ((bits >>> 23) & 0xff) - 127 + 15;
  const sign = (bits >>> 16) & 0x8000;
  return exponent <= 0 ? sign : sign | (exponent << 10) | ((bits >>> 13) & 0x3ff);
}
