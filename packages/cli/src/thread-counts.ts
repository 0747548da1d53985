import { InvalidInputError } from '@tandem/core';

/** '1,2' → [1, 2]. Throws InvalidInputError. */
export function threadCounts(text: string): number[] {
  const counts = text.split(',').map(Number);
  if (counts.every((count) => Number.isInteger(count) && count >= 1 && count <= 1024))
    return [...new Set(counts)];
  throw new InvalidInputError(
    `--threads is '${text}', expected whole numbers from 1 to 1024 such as 1,2`,
    'Correct --threads.',
  );
}
