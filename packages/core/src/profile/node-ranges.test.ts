import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeRanges, nodesInRanges } from './node-ranges.ts';

describe('nodeRanges', () => {
  it.each([
    [[], ''],
    [[7], '7'],
    [[0, 1, 2], '0-2'],
    [[5, 3, 4, 0], '0,3-5'],
    [[0, 2, 4], '0,2,4'],
  ])('writes %j as "%s"', (nodes, text) => {
    expect(nodeRanges(nodes)).toBe(text);
  });

  it('is read back as the same nodes', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(60), { minLength: 1 }), (nodes) => {
        expect(nodesInRanges(nodeRanges(nodes), 61)).toEqual(nodes.sort((left, right) => left - right));
      }),
      { seed: 1 },
    );
  });

  it.each([
    '',
    'a',
    '-1',
    '3-2',
    '0-1,1',
    '0,1',
    '5',
    '0-',
    '0-99999999999',
    '0-1-2',
    '1,0',
    '00',
    ' 1',
    'NaN',
  ])('refuses to read "%s"', (text) => {
    expect(() => nodesInRanges(text, 5)).toThrow('expected ascending ranges of nodes below 5');
  });
});
