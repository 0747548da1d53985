import { InvalidInputError, type PaceClock } from '@tandem/core';
import type { ClockChoice } from '@tandem/node';

/** What `--clock` asks for beside the base clock. */
export interface Clocks extends ClockChoice {
  readonly paces: readonly PaceClock[];
}

/** The kernel can still give this share of a processor a millisecond at a time. */
const leastQuota = 0.01;

/** 'levels,quota:0.5,pace:0.25' → the clocks that it names; a share alone is of the kind before it. Throws InvalidInputError. */
export function readClocks(text: string): Clocks {
  let levels = false;
  const quotas = new Set<number>();
  const paces = new Set<number>();
  let last: string | undefined;
  for (const word of text.split(',').map((each) => each.trim())) {
    const [, kind = last, amount] = /^(?:(quota|pace):)?([0-9.]+)$/.exec(word) ?? [];
    const share = Number(amount);
    if (word === 'levels') levels = true;
    else if (kind === 'quota' && share >= leastQuota && share < 1) quotas.add(share);
    else if (kind === 'pace' && share > 0 && share < 1) paces.add(share);
    else throw otherWord(word);
    last = kind;
  }
  return {
    levels,
    quotas: [...quotas],
    paces: [...paces].map((share) => ({ kind: 'pace', share })),
  };
}

function otherWord(word: string): InvalidInputError {
  return new InvalidInputError(
    `--clock has '${word}', expected levels, quota:SHARE from ${leastQuota} or pace:SHARE, with a share below 1`,
    'Correct --clock: for example levels,quota:0.5,0.25.',
  );
}
