/**
 * `length` letters of which `left` are 0 and the others 1, spread as evenly as can be: between any two pieces of one length the number of
 * 0s differs by one at most (Bresenham's line).
 */
export function balancedWord(length: number, left: number): readonly (0 | 1)[] {
  return Array.from({ length }, (_, at) =>
    Math.floor(((at + 1) * left) / length) > Math.floor((at * left) / length) ? 0 : 1,
  );
}
