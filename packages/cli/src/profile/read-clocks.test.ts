import { describe, expect, it } from 'vitest';
import { readClocks } from './read-clocks.ts';

describe('readClocks', () => {
  it.each([
    ['levels', { levels: true }],
    ['quota:0.5,0.25', { quotas: [0.5, 0.25] }],
    ['pace:0.5,pace:0.25', { paces: [0.5, 0.25] }],
    ['quota:0.5, levels,pace:0.1,0.1', { levels: true, quotas: [0.5], paces: [0.1] }],
  ])('reads %s', (text, expected) => {
    const { paces, ...choice } = readClocks(text);
    const shares = paces.map(({ share }) => share);
    expect({ ...choice, paces: shares }).toEqual({ levels: false, quotas: [], paces: [], ...expected });
  });

  it.each(
    [
      ['', 'pace', 'pace:', 'pace:0', 'pace:1', 'pace:-1', 'pace:x', 'pace:0.5:1', 'speed:0.5', '0.5'],
      ['quota:0.001', 'quota:1', 'levels:2', 'levels,0.5'],
    ].flat(),
  )('refuses %j', (text) => {
    expect(() => readClocks(text)).toThrow('expected levels, quota:SHARE');
  });
});
