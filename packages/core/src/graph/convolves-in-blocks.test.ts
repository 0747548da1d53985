import { expect, it } from 'vitest';
import { convolvesInBlocks } from './convolves-in-blocks.ts';

it.each([
  [14, 512, 1, true],
  [18, 512, 1, false],
  [20, 510, 1, true],
  [512, 512, 32, true],
  [512, 512, 64, false],
  [384, 384, 16, false],
  [1024, 1024, 1024, true],
  [510, 510, 510, false],
  [512, 1024, 512, false],
])('%i channels to %i in %i groups: %s', (channels, out, groups, inBlocks) => {
  expect(convolvesInBlocks({ channels, out, groups })).toBe(inBlocks);
});
