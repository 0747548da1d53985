import { InvalidInputError } from '../errors.ts';
import type { NodeId } from '../graph/graph.ts';

/** A set of nodes as text: ascending ranges of ids, both ends included, such as '0-41,43'. Equal sets give equal texts. */
export function nodeRanges(nodes: readonly NodeId[]): string {
  const ascending = [...nodes].sort((left, right) => left - right);
  const ranges: string[] = [];
  let first = ascending[0];
  if (first === undefined) return '';
  let last = first;
  for (const node of ascending) {
    if (node > last + 1) {
      ranges.push(rangeText(first, last));
      first = node;
    }
    last = node;
  }
  return [...ranges, rangeText(first, last)].join(',');
}

function rangeText(first: NodeId, last: NodeId): string {
  return first === last ? `${first}` : `${first}-${last}`;
}

/** The nodes that `nodeRanges` wrote, ascending. Throws InvalidInputError on any other text and on nodes from `count` on. */
export function nodesInRanges(text: string, count: number): NodeId[] {
  const nodes: NodeId[] = [];
  for (const range of text.split(',')) {
    const [first, last = first] = range.split('-').map(Number);
    const follows = first !== undefined && first > (nodes.at(-1) ?? -1);
    if (!follows || last === undefined || !(last >= first && last < count)) throw notRanges(text, count);
    for (let node = first; node <= last; node++) nodes.push(node);
  }
  if (nodeRanges(nodes) !== text) throw notRanges(text, count);
  return nodes;
}

function notRanges(text: string, count: number): InvalidInputError {
  return new InvalidInputError(
    `the segment is '${text.slice(0, 60)}', expected ascending ranges of nodes below ${count} such as '0-41,43'`,
    'Measure again with `tandem profile MODEL`.',
  );
}
