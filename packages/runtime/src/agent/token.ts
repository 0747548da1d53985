import { InvalidInputError } from '@tandem/core';
import { wireLimits } from '../wire/protocol.ts';

/** Compares in a time that depends on the length of `given` alone, so that answers do not tell how much of a guess is right. */
export function sameToken(given: string, expected: string): boolean {
  let difference = given.length ^ expected.length;
  for (let at = 0; at < given.length; at++) {
    difference |= given.charCodeAt(at) ^ expected.charCodeAt(at % expected.length);
  }
  return difference === 0;
}

/** Throws InvalidInputError: an empty token would let everybody in. */
export function checkToken(token: string): void {
  if (token.length >= 1 && token.length <= wireLimits.tokenCharacters) return;
  throw new InvalidInputError(
    `the token has ${token.length} characters, expected 1 to ${wireLimits.tokenCharacters}`,
    'Give agents and gateway the same token, for example 32 random characters.',
  );
}
