import { InvalidInputError, UnsupportedError } from '../errors.ts';
import { modelInputs } from '../onnx/dependence.ts';
import type { Dimension, ElementType, GraphProto, ModelProto, ValueInfo } from '../onnx/model.ts';
import { type Fact, factOf } from './operators/fact.ts';

export interface Binding {
  /** Size of the first dimension of every input that leaves it open; 1 where none is given. */
  readonly batch?: number;
  /** Sizes of symbolic dimensions by name; wins over `batch`. */
  readonly dimensions?: Readonly<Record<string, number>>;
}

/** Sizes of the model's symbolic dimensions. */
export type Symbols = ReadonlyMap<string, number>;

/** Type and shape of a tensor, by name. */
export interface KnownTensor {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
}

/** The model's inputs (initializers listed among them are none) at the bound sizes. Throws as `graphOf` does. */
export function inputsOf(model: ModelProto, binding: Binding = {}): readonly KnownTensor[] {
  const facts = bindInputs(model.graph, bindSymbols(model.graph, binding), binding);
  return [...facts].map(([name, { type, shape }]) => ({ name, type, shape }));
}

/** Every size that the binding gives to a symbol. Throws InvalidInputError for sizes and names that make no sense here. */
export function bindSymbols(graph: GraphProto, binding: Binding): Symbols {
  const shapes = modelInputs(graph).map(shapeOf);
  const symbols = new Map<string, number>();
  const batch = sizeOf('batch', binding.batch ?? 1);
  for (const [first] of shapes) if (typeof first === 'string') symbols.set(first, batch);
  const known = new Set(shapes.flat().filter((dimension) => typeof dimension === 'string'));
  for (const [name, size] of Object.entries(binding.dimensions ?? {})) {
    if (!known.has(name)) throw unknownSymbol(name, [...known]);
    symbols.set(name, sizeOf(`dimension '${name}'`, size));
  }
  if (binding.batch !== undefined) checkBatchIsUsed(shapes, batch);
  return symbols;
}

/** The graph's inputs with every dimension a number. Throws InvalidInputError naming a dimension that nothing binds. */
export function bindInputs(graph: GraphProto, symbols: Symbols, binding: Binding): ReadonlyMap<string, Fact> {
  const facts = new Map<string, Fact>();
  for (const input of modelInputs(graph)) {
    const shape = shapeOf(input).map((dimension, axis) => {
      const size = boundSize(dimension, symbols) ?? (axis === 0 ? (binding.batch ?? 1) : null);
      if (size === null) throw unbound(input.name, axis, dimension);
      return size;
    });
    facts.set(input.name, factOf(typeOf(input), shape));
  }
  return facts;
}

/** What the model itself declares of a tensor, when every dimension has a size. */
export function declaredFact(info: ValueInfo, symbols: Symbols): Fact | null {
  if (info.type?.kind !== 'tensor' || info.type.shape === null) return null;
  const sizes = info.type.shape.map((dimension) => boundSize(dimension, symbols));
  const shape = sizes.filter((size) => size !== null);
  return shape.length === sizes.length ? factOf(info.type.elementType, shape) : null;
}

function boundSize(dimension: Dimension, symbols: Symbols): number | null {
  return typeof dimension === 'string' ? (symbols.get(dimension) ?? null) : dimension;
}

function typeOf(input: ValueInfo): Fact['type'] {
  if (input.type?.kind === 'tensor') return input.type.elementType;
  throw new UnsupportedError(
    `input '${input.name}' is not a tensor`,
    'Give a model whose inputs are tensors: sequences, maps and optionals cannot be cut.',
  );
}

function shapeOf(input: ValueInfo): readonly Dimension[] {
  typeOf(input);
  const shape = input.type?.kind === 'tensor' ? input.type.shape : null;
  if (shape !== null) return shape;
  throw new InvalidInputError(
    `input '${input.name}' has no shape, not even its rank`,
    'Export the model with shapes for its inputs.',
  );
}

function sizeOf(what: string, size: number): number {
  if (Number.isSafeInteger(size) && size >= 1) return size;
  throw new InvalidInputError(`${what} is ${size}, expected an integer >= 1`, 'Give a positive integer.');
}

function checkBatchIsUsed(shapes: readonly (readonly Dimension[])[], batch: number): void {
  const firsts = shapes.flatMap(([first]) => (first === undefined ? [] : [first]));
  const fixed = firsts.filter((first) => typeof first === 'number');
  if (fixed.length < firsts.length || fixed.length === 0 || fixed.includes(batch)) return;
  throw new InvalidInputError(
    `batch is ${batch}, but the model fixes the first dimension of its inputs to ${fixed.join(', ')}`,
    `Use batch ${fixed[0]}, or export the model with a symbolic batch.`,
  );
}

function unknownSymbol(name: string, known: readonly string[]): InvalidInputError {
  const list = known.length === 0 ? 'none' : known.join(', ');
  return new InvalidInputError(
    `no input has a dimension named '${name}'; the model's symbolic dimensions: ${list}`,
    'Bind only dimensions that the model names.',
  );
}

function unbound(input: string, axis: number, dimension: Dimension): InvalidInputError {
  const symbol = typeof dimension === 'string';
  return new InvalidInputError(
    `dimension ${axis} of input '${input}' is ${symbol ? `the symbol '${dimension}'` : 'unknown'}, expected a size`,
    symbol
      ? `Give its size as dimensions: { ${dimension}: … }.`
      : 'Export the model with a size or a symbol for this dimension.',
  );
}
