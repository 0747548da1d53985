/**
 * A list to be filled from the front, of just the room that it needs: one that grows from empty takes room for 17, and a mapped one
 * is checked at every row. It matters where a report has seven lists and a million reports are made in a second.
 */
export function sizedList<Row>(length: number): Row[] {
  // oxlint-disable-next-line unicorn/no-new-array -- `Array.from` fills the list with undefined first, at many times the cost
  return new Array<Row>(length);
}
