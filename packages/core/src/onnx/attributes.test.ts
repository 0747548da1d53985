import { expect, test } from 'vitest';
import * as attributes from './attributes.ts';
import type { Attribute, NodeProto } from './model.ts';

const nodeWith = (...list: Attribute[]): NodeProto => ({
  name: 'conv1',
  opType: 'Conv',
  domain: '',
  inputs: [],
  outputs: [],
  attributes: list,
  documentation: '',
  rest: [],
});

const node = nodeWith(
  { name: 'group', kind: 'int', value: 4n },
  { name: 'ends', kind: 'ints', value: [2n ** 63n - 1n, -(2n ** 63n), 7n] },
  { name: 'alpha', kind: 'float', value: 0.5 },
  { name: 'scales', kind: 'floats', value: [1, 2] },
  { name: 'mode', kind: 'string', value: 'linear' },
  { name: 'keys', kind: 'strings', value: ['a'] },
);

test('values as they are, integers brought into the safe range', () => {
  expect(attributes.intAttribute(node, 'group', 1)).toBe(4);
  expect(attributes.intsAttribute(node, 'ends')).toEqual([
    Number.MAX_SAFE_INTEGER,
    Number.MIN_SAFE_INTEGER,
    7,
  ]);
  expect(attributes.floatAttribute(node, 'alpha', 1)).toBe(0.5);
  expect(attributes.floatsAttribute(node, 'scales')).toEqual([1, 2]);
  expect(attributes.stringAttribute(node, 'mode', 'nearest')).toBe('linear');
  expect(attributes.stringsAttribute(node, 'keys')).toEqual(['a']);
});

test('the fallback where there is none', () => {
  expect(attributes.intAttribute(node, 'axis', -1)).toBe(-1);
  expect(attributes.floatAttribute(node, 'beta', null)).toBeNull();
  expect(attributes.intsAttribute(node, 'pads')).toBeNull();
  expect(attributes.tensorAttribute(node, 'value')).toBeNull();
  expect(attributes.graphAttribute(node, 'body')).toBeNull();
});

test('another kind is refused by name', () => {
  expect(() => attributes.intAttribute(node, 'alpha', 1)).toThrow(
    "attribute 'alpha' of Conv 'conv1' is of kind float, expected int",
  );
});
