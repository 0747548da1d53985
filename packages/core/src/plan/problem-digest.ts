import { type CreateSha256, digestJson } from '../digest.ts';
import type { Problem } from './problem.ts';

/** SHA-256 of the problem's JSON with sorted keys, in lower-case hexadecimal: the same for equal problems whatever their key order. */
export function problemDigest(problem: Problem, createSha256: CreateSha256): string {
  return digestJson(problem, createSha256);
}
