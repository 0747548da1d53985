import { describe, expect, it } from 'vitest';
import { editDistance, nearestWord } from './nearest-word.ts';

describe('nearestWord', () => {
  it.each([
    ['devcies', ['hosts', 'devices', 'links'], 'devices'],
    ['memoryGigabyte', ['memoryBytes', 'memoryGigabytes'], 'memoryGigabytes'],
    ['ID', ['host', 'id'], 'id'],
    ['form', ['from', 'to'], null],
    ['frm', ['from', 'to'], 'from'],
    ['zzz', ['from', 'to'], null],
    ['', ['a', 'to'], 'a'],
    ['x', [], null],
  ])('%s among %j is %s', (word, candidates, nearest) => {
    expect(nearestWord(word, candidates)).toBe(nearest);
  });
});

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['flaw', 'lawn', 2],
  ])('%s to %s takes %d', (left, right, distance) => {
    expect(editDistance(left, right)).toBe(distance);
    expect(editDistance(right, left)).toBe(distance);
  });
});
