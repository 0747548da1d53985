import type { Label } from '@tandem/core';
import type { TensorValue } from '../execute/executor.ts';
import { tensorNumbers } from '../execute/tensor-numbers.ts';
import { noAnswer } from './calibration-job.ts';

/** The position of the largest number in an output, the first of equals; -1 where none is a number. */
export function answerOf(output: TensorValue): Label {
  const values = floats(output) ?? tensorNumbers(output);
  let best = noAnswer;
  for (let at = 0; at < values.length; at++) {
    const value = values[at] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    if (best < 0 || value > (values[best] ?? 0)) best = at;
  }
  return best;
}

/** The elements of a float32 tensor, where they lie; null for another type. Little-endian platforms only, as ONNX Runtime's are. */
export function floats({ type, data }: TensorValue): Float32Array<ArrayBuffer> | null {
  if (type !== 'float32') return null;
  const isPlaced = data.byteOffset % Float32Array.BYTES_PER_ELEMENT === 0;
  const { buffer, byteOffset, byteLength } = isPlaced ? data : new Uint8Array(data);
  return new Float32Array(buffer, byteOffset, byteLength / Float32Array.BYTES_PER_ELEMENT);
}
