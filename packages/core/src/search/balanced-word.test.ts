import { describe, expect, it } from 'vitest';
import { balancedWord } from './balanced-word.ts';

describe('balancedWord', () => {
  it.each([
    { length: 5, left: 2, word: [1, 1, 0, 1, 0] },
    { length: 4, left: 0, word: [1, 1, 1, 1] },
    { length: 3, left: 3, word: [0, 0, 0] },
    { length: 0, left: 0, word: [] },
  ])('spreads $left of $length', ({ length, left, word }) => {
    expect(balancedWord(length, left)).toEqual(word);
  });

  it('has the letters asked for, and alike numbers of them in all pieces of one length, around its end too', () => {
    for (let length = 1; length <= 12; length++) {
      for (let left = 0; left <= length; left++) {
        const word = balancedWord(length, left);
        expect(word.filter((letter) => letter === 0)).toHaveLength(left);
        for (let piece = 1; piece <= length; piece++) {
          const counts = word.map(
            (_, start) =>
              [...word, ...word].slice(start, start + piece).filter((letter) => letter === 0).length,
          );
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        }
      }
    }
  });
});
