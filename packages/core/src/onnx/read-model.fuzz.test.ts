import { describe, expect, test } from 'vitest';
import { InvalidInputError, UnsupportedError } from '../errors.ts';
import { createRandom, type Random } from '../random.ts';
import { bufferSource } from './byte-source.ts';
import { encodedBytes, encodeModel } from './encode-model.ts';
import { extractNodes } from './extract-nodes.ts';
import type { ByteSource, ModelProto } from './model.ts';
import { randomModel } from './random-model.ts';
import { readModel } from './read-model.ts';
import { validateModel } from './validate-model.ts';

type Damage = (bytes: Uint8Array, random: Random) => Uint8Array;

const overwrite = (bytes: Uint8Array, at: number, patch: readonly number[]): Uint8Array => {
  const copy = bytes.slice();
  copy.set(patch.slice(0, Math.max(0, copy.length - at)), at);
  return copy;
};

const hugeLength = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f];

const damages: Readonly<Record<string, Damage>> = {
  truncated: (bytes, random) => bytes.subarray(0, random.integer(bytes.length)),
  'one bit flipped': (bytes, random) => {
    const at = random.integer(bytes.length);
    return overwrite(bytes, at, [(bytes[at] ?? 0) ^ (1 << random.integer(8))]);
  },
  'many bytes random': (bytes, random) => {
    const copy = bytes.slice();
    for (let count = 1 + random.integer(20); count > 0; count--)
      copy[random.integer(copy.length)] = random.integer(256);
    return copy;
  },
  'a huge length': (bytes, random) => overwrite(bytes, random.integer(bytes.length), hugeLength),
  'a piece repeated': (bytes, random) => {
    const from = random.integer(bytes.length);
    const piece = bytes.subarray(from, from + 1 + random.integer(64));
    return Uint8Array.from([...bytes.subarray(0, from), ...piece, ...bytes.subarray(from)]);
  },
  'a piece cut out': (bytes, random) => {
    const from = random.integer(bytes.length);
    return Uint8Array.from([...bytes.subarray(0, from), ...bytes.subarray(from + 1 + random.integer(16))]);
  },
  'only noise': (_bytes, random) =>
    Uint8Array.from({ length: random.integer(200) }, () => random.integer(256)),
};

const filesEach = 1450;

describe('a damaged file is read or refused, never worse', () => {
  const seeds = Array.from({ length: 8 }, (_, seed) =>
    encodedBytes(encodeModel(randomModel(createRandom(seed), { nodes: 8, depth: 1 }))),
  );

  test.each(Object.entries(damages))('%s', (name, damage) => {
    const random = createRandom(11).split(name);
    let refused = 0;
    for (let count = 0; count < filesEach; count++) {
      const model = readOrRefuse(damage(seeds[count % seeds.length] ?? new Uint8Array(), random));
      if (model) useOrRefuse(model);
      else refused++;
    }
    expect(refused).toBeGreaterThan(filesEach / 20);
  });
});

describe('bombs', () => {
  const versions = [0x08, 8, 0x42, 2, 0x10, 17];

  test('sub-graphs within sub-graphs, a thousand deep', () => {
    let graph: number[] = [];
    for (let level = 0; level < 1000; level++) {
      const attribute = field(0x2a, [0x0a, 1, 97, ...field(0x32, graph), 0xa0, 1, 5]);
      graph = field(0x0a, attribute);
    }
    expect(readOrRefuse(Uint8Array.from([...versions, ...field(0x3a, graph)]))).toBeNull();
  });

  test('a hundred thousand empty nodes are a model, at their price', () => {
    const nodes = Array.from({ length: 100_000 }, () => [0x0a, 0]).flat();
    const model = readOrRefuse(Uint8Array.from([...versions, ...field(0x3a, nodes)]));
    expect(model?.graph.nodes).toHaveLength(100_000);
  });

  test('three million empty nodes are refused', () => {
    const nodes = new Uint8Array(6_000_000);
    for (let at = 0; at < nodes.length; at += 2) nodes[at] = 0x0a;
    const head = [...versions, 0x3a, ...varint(nodes.length)];
    const bytes = new Uint8Array(head.length + nodes.length);
    bytes.set(head);
    bytes.set(nodes, head.length);
    expect(() => readModel(bufferSource(bytes))).toThrow(/more than 2097152 messages/);
  });
});

/**
 * Null where the file is refused in one of the two ways that are agreed. The bound: no more than twice the file is read, and no
 * more objects stay than twice the file's bytes.
 */
function readOrRefuse(bytes: Uint8Array): ModelProto | null {
  const source = counted(bytes);
  try {
    const model = readModel(source);
    expect(objectsIn(model)).toBeLessThanOrEqual(2 * bytes.length);
    return model;
  } catch (error) {
    if (error instanceof InvalidInputError || error instanceof UnsupportedError) return null;
    throw error;
  } finally {
    expect(source.bytesRead()).toBeLessThanOrEqual(2 * bytes.length);
  }
}

/** What a damaged file still yields must not upset those who work on it. */
function useOrRefuse(model: ModelProto): void {
  expect(validateModel(model).length).toBeLessThanOrEqual(100);
  encodedBytes(encodeModel(model));
  try {
    extractNodes(model, {
      nodes: [0],
      typeOf: () => ({ kind: 'tensor', elementType: 'float32', shape: null }),
    });
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
  }
}

/** Distinct objects that a model holds on to, byte sources and their buffers aside. */
function objectsIn(value: unknown, seen: Set<object> = new Set()): number {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || seen.has(value))
    return seen.size;
  if ('bytesRead' in value) return seen.size;
  seen.add(value);
  for (const part of Object.values(value)) objectsIn(part, seen);
  return seen.size;
}

function counted(bytes: Uint8Array): ByteSource & { bytesRead(): number } {
  const source = bufferSource(bytes);
  let count = 0;
  return {
    size: bytes.length,
    read: (offset, length) => {
      count += length;
      return source.read(offset, length);
    },
    bytesRead: () => count,
  };
}

function field(key: number, content: readonly number[]): number[] {
  return [key, ...varint(content.length), ...content];
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
}
