import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { ProtocolError } from '@tandem/core';
import { describe, expect, it } from 'vitest';
import { followParent } from './parent-lifeline.ts';

describe('followParent', () => {
  it('reads the token over several chunks and sees the end', async () => {
    const input = new PassThrough();
    input.write('abc');
    const lifeline = followParent(input);
    input.write('def\nmore');
    const { token, gone } = await lifeline;
    expect(token).toBe('abcdef');
    expect(gone.aborted).toBe(false);
    input.end();
    await setImmediate();
    await setImmediate();
    expect(gone.aborted).toBe(true);
  });

  it.each([
    ['the end comes first', 'abc', true, /its end/],
    ['the line is too long', 'a'.repeat(5000), false, /4096 characters/],
  ])('refuses when %s', async (_, text, end, message) => {
    const input = new PassThrough();
    input.write(text);
    if (end) input.end();
    const lifeline = followParent(input);
    await expect(lifeline).rejects.toThrow(ProtocolError);
    await expect(lifeline).rejects.toThrow(message);
  });
});
