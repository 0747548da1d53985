import { InvalidInputError } from '../errors.ts';
import { subRange, zeroRange } from './byte-source.ts';
import { byteCount } from './element-count.ts';
import type { EncodedModel } from './encode-model.ts';
import { mapTensors } from './map-tensors.ts';
import type { ByteRange, ByteSource, ModelProto, TensorProto } from './model.ts';

export interface ExternaliseOptions {
  /** The weights file's path relative to the model's folder. */
  readonly location: string;
  /** Smaller initializers stay in the model. @default 1024 */
  readonly minimumBytes?: number;
  /** Offsets are multiples of this; 4096 lets the file be memory-mapped. @default 4096 */
  readonly alignment?: number;
}

/**
 * Moves the main graph's initializers to a file of weights beside the model, by reference: nothing is read until the weights are
 * written out. Strings, and what lies in another file already, stay as they are.
 */
export function externaliseWeights(
  model: ModelProto,
  options: ExternaliseOptions,
): { model: ModelProto; weights: EncodedModel } {
  const { location, minimumBytes = 1024, alignment = 4096 } = options;
  checkLocation(location);
  checkAlignment(alignment);
  const ranges: ByteRange[] = [];
  let size = 0;
  const add = (range: ByteRange): number => {
    const offset = Math.ceil(size / alignment) * alignment;
    if (offset > size) ranges.push(zeroRange(offset - size));
    ranges.push(range);
    size = offset + range.length;
    return offset;
  };
  const initializers = model.graph.initializers.map((tensor) => {
    refuseSameFile(tensor, location);
    const bytes = tensor.data.kind === 'bytes' ? tensor.data.bytes : null;
    if (!bytes || bytes.length === 0 || bytes.length < minimumBytes) return tensor;
    return {
      ...tensor,
      data: { kind: 'external', location, offset: add(bytes), length: bytes.length } as const,
    };
  });
  return {
    model: { ...model, graph: { ...model.graph, initializers } },
    weights: { sizeBytes: size, ranges },
  };
}

/**
 * Turns references to other files into byte ranges of what `open` returns for a location; each is opened once. Refuses
 * (InvalidInputError) locations outside the model's folder, ranges outside the file and lengths that disagree with dims.
 */
export function resolveExternal(model: ModelProto, open: (location: string) => ByteSource): ModelProto {
  const sources = new Map<string, ByteSource>();
  const sourceOf = (location: string): ByteSource => {
    checkLocation(location);
    const source = sources.get(location) ?? open(location);
    sources.set(location, source);
    return source;
  };
  const graph = mapTensors(model.graph, (tensor) => resolveTensor(tensor, sourceOf));
  return graph === model.graph ? model : { ...model, graph };
}

function resolveTensor(tensor: TensorProto, sourceOf: (location: string) => ByteSource): TensorProto {
  const { data, name } = tensor;
  if (data.kind !== 'external') return tensor;
  const expected = byteCount(name, tensor.elementType, tensor.dims);
  const source = sourceOf(data.location);
  const length = data.length ?? source.size - data.offset;
  if (tensor.elementType === 'string' || length !== expected) {
    throw new InvalidInputError(
      `tensor '${name}' refers to ${length} bytes of '${data.location}', expected ${expected} for ${tensor.elementType} [${tensor.dims.join(', ')}]`,
      'Model and weights do not belong together: fetch both again.',
    );
  }
  const whole = { source, offset: 0, length: source.size };
  return { ...tensor, data: { kind: 'bytes', bytes: subRange(whole, data.offset, length) } };
}

/** A leading '*' is how ONNX Runtime spells addresses in its own memory. */
function checkLocation(location: string): void {
  const parts = location.split('/');
  const absolute = location.startsWith('/') || /^[a-z]:/i.test(location) || location.startsWith('*');
  const odd = location === '' || location.includes('\\') || location.includes('\0') || parts.includes('..');
  if (!absolute && !odd) return;
  throw new InvalidInputError(
    `external data at '${location.slice(0, 200)}', expected a path within the model's folder, with forward slashes`,
    'Keep the weights in a file beside the model and refer to it by its name.',
  );
}

function checkAlignment(alignment: number): void {
  if (Number.isInteger(alignment) && alignment >= 1 && alignment <= 2 ** 20) return;
  throw new InvalidInputError(
    `weights are to be aligned to ${alignment} bytes`,
    'Give a whole number from 1 to 1,048,576.',
  );
}

function refuseSameFile(tensor: TensorProto, location: string): void {
  if (tensor.data.kind !== 'external' || tensor.data.location !== location) return;
  throw new InvalidInputError(
    `initializer '${tensor.name}' lies in '${location}' already, the file that is to be written`,
    'Resolve the external data first, or choose another location.',
  );
}
