import type { NodeId } from '../graph/graph.ts';

/** How many node sets are remembered before all are forgotten. */
const mostSets = 16_384;

interface Entry<Value> {
  readonly nodes: readonly NodeId[];
  readonly value: Value;
}

/**
 * What `make` says of a set of nodes, computed once. Sets are ascending lists of distinct nodes, as stages have them; one that leaves
 * out nothing between its ends is found in constant time, any other in time that grows with it.
 */
export class NodeSetMemo<Value> {
  readonly #intervals = new Map<number, Value>();
  readonly #others = new Map<number, Entry<Value>[]>();
  readonly #count: number;
  readonly #make: (nodes: readonly NodeId[]) => Value;
  #kept = 0;

  /** `count` nodes there are in all. */
  constructor(count: number, make: (nodes: readonly NodeId[]) => Value) {
    this.#count = count;
    this.#make = make;
  }

  get(nodes: readonly NodeId[]): Value {
    const first = nodes[0] ?? -1;
    const last = nodes[nodes.length - 1] ?? -1;
    const isInterval = first >= 0 && last < this.#count && last - first + 1 === nodes.length;
    if (!isInterval) return this.#other(nodes);
    const key = first * this.#count + last;
    const known = this.#intervals.get(key);
    if (known !== undefined) return known;
    const value = this.#make(nodes);
    this.#makeRoom();
    this.#intervals.set(key, value);
    return value;
  }

  #other(nodes: readonly NodeId[]): Value {
    const key = hashOf(nodes);
    const known = this.#others.get(key)?.find((entry) => isEqual(entry.nodes, nodes));
    if (known !== undefined) return known.value;
    const value = this.#make(nodes);
    this.#makeRoom();
    const entry = { nodes: [...nodes], value };
    this.#others.set(key, [...(this.#others.get(key) ?? []), entry]);
    return value;
  }

  #makeRoom(): void {
    if (this.#kept >= mostSets) {
      this.#intervals.clear();
      this.#others.clear();
      this.#kept = 0;
    }
    this.#kept++;
  }
}

/** FNV-1a over the ids. */
function hashOf(nodes: readonly NodeId[]): number {
  let hash = 0x811c9dc5;
  for (const node of nodes) hash = Math.imul(hash ^ node, 0x01000193);
  return hash;
}

function isEqual(left: readonly NodeId[], right: readonly NodeId[]): boolean {
  return left.length === right.length && left.every((node, index) => node === right[index]);
}
