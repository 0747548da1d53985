import { expect, it } from 'vitest';
import { removeAt } from './remove-at.ts';

it.each([
  [0, ['b', 'c']],
  [1, ['a', 'c']],
  [2, ['a', 'b']],
])('takes out the item at %i and keeps the others in their order', (place, left) => {
  const items = ['a', 'b', 'c'];
  removeAt(items, place);
  expect(items).toEqual(left);
});
