import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom, hashText } from '../random.ts';
import { subgraphs } from './attributes.ts';
import { bufferSource } from './byte-source.ts';
import { encodedBytes, encodeModel } from './encode-model.ts';
import { extractNodes } from './extract-nodes.ts';
import type { GraphProto, ModelProto, TensorProto, ValueType } from './model.ts';
import { randomModel } from './random-model.ts';
import { readModel } from './read-model.ts';
import { tensorBytes } from './tensor-bytes.ts';
import { validateModel } from './validate-model.ts';
import { wiringOf } from './wiring.ts';

const typeOf = (): ValueType => ({ kind: 'tensor', elementType: 'float32', shape: ['N'] });

/** What each tensor of a graph is, as a hash of all that it was made from: equal hashes, equal computations. */
function evaluate(graph: GraphProto, fed: ReadonlyMap<string, number>): Map<string, number> {
  const known = new Map(fed);
  for (const tensor of graph.initializers) known.set(tensor.name, hashText(contentOf(tensor)));
  for (const item of graph.nodes) {
    const inputs = item.inputs.map((name) => (name === '' ? 'absent' : hashOf(known, name)));
    const constants = item.attributes.map((entry) =>
      entry.kind === 'tensor' ? contentOf(entry.value) : entry.name,
    );
    const bodies = subgraphs(item).flatMap((body) => {
      const inside = evaluate(body, known);
      return body.outputs.map((output) => hashOf(inside, output.name));
    });
    const made = [item.opType, item.name, ...inputs, ...constants, ...bodies].join();
    item.outputs.forEach((output, index) => {
      if (output !== '') known.set(output, hashText(`${made}:${index}`));
    });
  }
  return known;
}

function hashOf(known: ReadonlyMap<string, number>, name: string): number {
  return known.get(name) ?? expect.fail(`'${name}' was read before it was there`);
}

function contentOf(tensor: TensorProto): string {
  return tensor.data.kind === 'strings' ? tensor.data.values.join() : tensorBytes(tensor).join();
}

/** Whether a path leaves the set and comes back, by following every edge to its end. */
function comesBack(whole: ModelProto, members: ReadonlySet<number>): boolean {
  const { needs, producer } = wiringOf(whole.graph);
  const leadsBack = (index: number, outside: boolean): boolean =>
    needs.some((need, reader) => {
      const reads = need.reads.some((name) => producer.get(name) === index);
      if (!reads) return false;
      return members.has(reader) ? outside : leadsBack(reader, true);
    });
  return [...members].some((index) => leadsBack(index, false));
}

describe('laws', () => {
  const wholes = fc.integer().map((seed) => randomModel(createRandom(seed), { nodes: 10, depth: 1 }));

  test('a model cut into stages computes what it did', () => {
    fc.assert(
      fc.property(wholes, fc.array(fc.nat(9), { maxLength: 4 }), (whole, cuts) => {
        const { needs, order } = wiringOf(whole.graph);
        const bounds = [...new Set([0, ...cuts, order.length])].sort((left, right) => left - right);
        const expected = evaluate(
          whole.graph,
          new Map(whole.graph.inputs.map(({ name }) => [name, hashText(name)])),
        );
        const sent = new Map(whole.graph.inputs.map(({ name }) => [name, hashText(name)]));
        for (const [index, from] of bounds.entries()) {
          const nodes = order.slice(from, bounds[index + 1] ?? from);
          const part = partOrNull(whole, nodes);
          if (!part) continue;
          expect(validateModel(part)).toEqual([]);
          const copy = readModel(bufferSource(encodedBytes(encodeModel(part))));
          const fed = new Map(part.graph.inputs.map(({ name }) => [name, hashOf(sent, name)]));
          const made = evaluate(copy.graph, fed);
          for (const { name } of copy.graph.outputs) sent.set(name, hashOf(made, name));
        }
        for (const { name } of whole.graph.outputs) {
          const source = whole.graph.nodes.findIndex((item) => item.outputs.includes(name));
          if (!needs[source]?.constant) expect(sent.get(name)).toBe(expected.get(name));
        }
      }),
      { seed: 3, numRuns: 150 },
    );
  });

  test('a set is refused as not convex exactly where a path leaves it and comes back', () => {
    fc.assert(
      fc.property(wholes, fc.uniqueArray(fc.nat(9), { minLength: 1 }), (whole, chosen) => {
        const { needs } = wiringOf(whole.graph);
        const members = new Set(chosen.filter((index) => !needs[index]?.constant));
        fc.pre(members.size > 0);
        expect(messageOf(() => extractNodes(whole, { nodes: chosen, typeOf })).includes('not convex')).toBe(
          comesBack(whole, members),
        );
      }),
      { seed: 4, numRuns: 300 },
    );
  });
});

function partOrNull(whole: ModelProto, nodes: readonly number[]): ModelProto | null {
  const message = messageOf(() => extractNodes(whole, { nodes, typeOf }));
  if (/^no node to extract|is used outside$/.test(message)) return null;
  return extractNodes(whole, { nodes, typeOf });
}

function messageOf(run: () => unknown): string {
  try {
    run();
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
