import { InvalidInputError } from '@tandem/core';

/** '1,2' → [1, 2], each once. Throws InvalidInputError naming `option`. */
export function countList(option: string, text: string): number[] {
  const counts = text.split(',').map(Number);
  if (counts.every((count) => Number.isInteger(count) && count >= 1 && count <= 1024))
    return [...new Set(counts)];
  throw new InvalidInputError(
    `${option} is '${text}', expected whole numbers from 1 to 1024 such as 1,2`,
    `Correct ${option}.`,
  );
}
