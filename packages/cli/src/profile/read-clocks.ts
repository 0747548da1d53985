import { InvalidInputError, type RowClock } from '@tandem/core';

/** 'pace:0.5,pace:0.25' → the clocks that it names. Throws InvalidInputError. */
export function readClocks(text: string): RowClock[] {
  return text.split(',').map((word) => {
    const [kind, amount, ...rest] = word.trim().split(':');
    const share = Number(amount);
    if (kind === 'pace' && rest.length === 0 && share > 0 && share < 1) return { kind, share };
    throw new InvalidInputError(
      `--clock is '${word}', expected pace:SHARE with a share between 0 and 1 such as pace:0.5`,
      'Correct --clock.',
    );
  });
}
