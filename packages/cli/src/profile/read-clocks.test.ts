import { describe, expect, it } from 'vitest';
import { readClocks } from './read-clocks.ts';

describe('readClocks', () => {
  it('reads one or several', () => {
    expect(readClocks('pace:0.5,pace:0.25')).toEqual([
      { kind: 'pace', share: 0.5 },
      { kind: 'pace', share: 0.25 },
    ]);
  });

  it.each(['', 'pace', 'pace:', 'pace:0', 'pace:1', 'pace:-1', 'pace:x', 'pace:0.5:1', 'speed:0.5'])(
    'refuses %j',
    (text) => {
      expect(() => readClocks(text)).toThrow('expected pace:SHARE');
    },
  );
});
