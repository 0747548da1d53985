import type { Random } from '../random.ts';
import { rangeOf } from './byte-source.ts';
import type { Attribute, GraphProto, ModelProto, NodeProto, TensorProto, ValueInfo } from './model.ts';

export interface RandomModelOptions {
  /** @default 12 */
  readonly nodes?: number;
  /** How deep sub-graphs may nest. @default 2 */
  readonly depth?: number;
}

/**
 * A model that is valid as far as `validateModel` looks, with the structures that readers and extractors stumble over: several
 * inputs and outputs, absent inputs, nodes with several outputs, weights shared and unused, constants derived from constants,
 * random nodes, branches that capture outer tensors, and attributes of every kind. Operators are not meant to run.
 */
export function randomModel(random: Random, options: RandomModelOptions = {}): ModelProto {
  const { nodes = 12, depth = 2 } = options;
  const inputs = names('in', 1 + random.integer(3));
  return {
    irVersion: 4 + random.integer(6),
    producerName: random.integer(2) ? 'tandem' : '',
    producerVersion: '',
    domain: '',
    modelVersion: random.integer(3),
    documentation: random.integer(2) ? 'Grown, not trained: ünïcödé ✓' : '',
    operatorSets: [
      { domain: '', version: 7 + random.integer(15) },
      { domain: 'com.microsoft', version: 1 },
    ],
    graph: { ...randomGraph(random, 'g', inputs, nodes, depth), inputs: inputs.map(typedValue) },
    metadata: random.integer(2) ? [{ key: 'seed', value: 'yes' }] : [],
    rest: [],
  };
}

/** A graph that may read the tensors of `outer`; it lists no inputs itself. */
function randomGraph(
  random: Random,
  prefix: string,
  outer: readonly string[],
  count: number,
  depth: number,
): GraphProto {
  const weights = names(`${prefix}/w`, 1 + random.integer(4));
  const available = [...outer, ...weights];
  const nodes: NodeProto[] = [];
  for (let index = 0; index < count; index++) {
    const node = randomNode(random, `${prefix}/n${index}`, available, depth);
    nodes.push(node);
    available.push(...node.outputs.filter((output) => output !== ''));
  }
  const yielded = nodes.flatMap((node) => node.outputs.filter((output) => output !== ''));
  const outputs = yielded.filter((_, index) => index === yielded.length - 1 || random.integer(6) === 0);
  return {
    name: prefix,
    documentation: '',
    nodes,
    initializers: weights.map((name) => randomTensor(random, name)),
    inputs: [],
    outputs: outputs.map(typedValue),
    valueInfos: yielded.filter((name) => !outputs.includes(name) && random.integer(2) === 0).map(typedValue),
    rest: [],
  };
}

function randomNode(random: Random, name: string, available: readonly string[], depth: number): NodeProto {
  const inputs = pick(random, available, 1 + random.integer(3));
  switch (random.integer(10)) {
    case 0:
      return node('Constant', name, [], [{ name: 'value', kind: 'tensor', value: randomTensor(random, '') }]);
    case 1:
      return node('RandomNormal', name, [], []);
    case 2:
      return depth > 0 ? randomIf(random, name, available, depth - 1) : node('Relu', name, inputs, []);
    case 3:
      return { ...node('Split', name, inputs, []), outputs: [`${name}:0`, '', `${name}:1`] };
    case 4:
      return node('Clip', name, [...inputs, '', ...pick(random, available, 1)], []);
    default:
      return node('Sum', name, inputs, random.integer(3) ? [] : everyAttribute(random));
  }
}

function randomIf(random: Random, name: string, available: readonly string[], depth: number): NodeProto {
  const branches = ['then_branch', 'else_branch'].map((branch): Attribute => {
    const value = randomGraph(random, `${name}/${branch}`, available, 1 + random.integer(3), depth);
    return { name: branch, kind: 'graph', value };
  });
  return node('If', name, pick(random, available, 1), branches);
}

function node(
  opType: string,
  name: string,
  inputs: readonly string[],
  attributes: readonly Attribute[],
): NodeProto {
  const outputs = [`${name}:0`];
  return { name, opType, domain: '', inputs, outputs, attributes, documentation: '', rest: [] };
}

function everyAttribute(random: Random): Attribute[] {
  const big = BigInt(random.integer(2 ** 31)) << 32n;
  return [
    { name: 'float', kind: 'float', value: random.integer(100) / 4 },
    { name: 'int', kind: 'int', value: -big },
    { name: 'text', kind: 'string', value: random.integer(2) ? 'NOTSET' : '' },
    { name: 'floats', kind: 'floats', value: [0, -1.5, 2 ** 100] },
    { name: 'ints', kind: 'ints', value: [0n, -1n, 2n ** 63n - 1n, big] },
    { name: 'texts', kind: 'strings', value: ['', 'a'] },
    { name: 'none', kind: 'ints', value: [] },
  ];
}

function randomTensor(random: Random, name: string): TensorProto {
  const size = random.integer(5);
  const base = { name, documentation: '' };
  if (random.integer(6) === 0) {
    const values = names('text', size);
    return { ...base, elementType: 'string', dims: [size], data: { kind: 'strings', values } };
  }
  const bytes = Uint8Array.from({ length: size * 8 }, () => random.integer(256));
  return { ...base, elementType: 'float32', dims: [size, 2], data: { kind: 'bytes', bytes: rangeOf(bytes) } };
}

function typedValue(name: string): ValueInfo {
  const type = { kind: 'tensor', elementType: 'float32', shape: ['N', 4, null] } as const;
  return { name, type, documentation: '', rest: [] };
}

function pick(random: Random, available: readonly string[], count: number): string[] {
  return Array.from({ length: count }, () => available[random.integer(available.length)] ?? '');
}

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}
