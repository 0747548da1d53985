import { describe, expect, it } from 'vitest';
import { InvalidInputError, RefusedError } from '../errors.ts';
import { randomGraph } from '../graph/random-graph.ts';
import { createRandom } from '../random.ts';
import { readExitTable } from './read-exit-table.ts';

const modelDigest = 'a'.repeat(64);
/** Node n reads tensor n and yields tensor n + 1. */
const graph = { ...randomGraph(createRandom(3), { kind: 'chain', nodes: 4 }), modelDigest };
const nameOf = (tensor: number): string => graph.tensors[tensor]?.name ?? '';

const head = {
  tensor: nameOf(2),
  kind: 'confidence',
  flops: 9,
  movedBytes: 8,
  parameterBytes: 7,
  answerBytes: 6,
};
const point = { tensor: nameOf(2), kind: 'confidence', threshold: 0.8, share: 0.5 };
const file = {
  format: 'tandem-exits',
  formatVersion: 1,
  modelDigest,
  heads: [head],
  settings: [{ points: [point], accuracyLoss: 0.01 }],
};

describe('readExitTable', () => {
  it('finds tensors by their names', () => {
    expect(readExitTable(JSON.stringify(file), graph)).toEqual({
      heads: [{ ...head, tensor: 2 }],
      settings: [{ points: [{ ...point, tensor: 2 }], accuracyLoss: 0.01 }],
    });
  });

  it('refuses the table of another model', () => {
    const other = JSON.stringify({ ...file, modelDigest: 'b'.repeat(64) });
    expect(() => readExitTable(other, graph)).toThrow(RefusedError);
  });

  it.each<[string, unknown, RegExp]>([
    ['no object', [], /expected an object/],
    ['another format', { ...file, format: 'tandem-plan' }, /format is "tandem-plan"/],
    ['an unknown key', { ...file, head: 1 }, /did you mean 'heads'/],
    ['an unknown tensor', { ...file, heads: [{ ...head, tensor: 'x' }] }, /"x" is no tensor of the model/],
    ['a missing cost', { ...file, heads: [{ ...head, flops: undefined }] }, /heads\[0\]\.flops is absent/],
    [
      'a share above 1',
      { ...file, settings: [{ points: [{ ...point, share: 2 }], accuracyLoss: 0 }] },
      /settings\[0\]\.points\[0\]\.share is 2/,
    ],
    ['a head at the end', { ...file, heads: [{ ...head, tensor: nameOf(4) }] }, /or where nothing follows/],
  ])('refuses %s', (_what, value, reason) => {
    const read = () => readExitTable(JSON.stringify(value), graph);
    expect(read).toThrow(InvalidInputError);
    expect(read).toThrow(reason);
  });

  it('refuses what is not JSON', () => {
    expect(() => readExitTable('{', graph)).toThrow(/not JSON/);
  });
});
