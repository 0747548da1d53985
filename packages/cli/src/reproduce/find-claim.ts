import { InvalidInputError } from '@tandem/core';
import type { Claim } from './claim.ts';
import { claims } from './claims.ts';

/** The claims that the user asked for: one by its id in any case, or 'all'. Throws InvalidInputError for another name. */
export function findClaims(name: string): readonly (readonly [id: string, claim: Claim])[] {
  if (name.toLowerCase() === 'all') return Object.entries(claims);
  const found = Object.entries(claims).filter(([id]) => id.toLowerCase() === name.toLowerCase());
  if (found.length > 0) return found;
  throw new InvalidInputError(
    `'${name}' is no claim that can be reproduced, expected one of ${Object.keys(claims).join(', ')}`,
    'Give one of these, or all; `tandem reproduce` lists what they say.',
  );
}
