import { cutRow, nodesOf } from './cut.ts';
import { type FoldGroup, foldGroups } from './fold-groups.ts';
import type { Graph, NodeId, TensorId } from './graph.ts';
import { Liveness } from './liveness.ts';
import { sweepOrder } from './sweep-order.ts';

/**
 * A stretch of the graph between two tensors that are alone live: a single group of folded nodes, or a virtual block whose
 * branches meet in one merge group.
 */
export interface Element {
  /** The tensor that alone enters; null where several do (a model with several inputs). */
  readonly entry: TensorId | null;
  /** The tensor that alone leaves; null at the end of a graph or branch that hands on none or several. */
  readonly exit: TensorId | null;
  /** Ascending; those of the branches and of the merge included. */
  readonly nodes: readonly NodeId[];
  /** Ascending; the group in which the branches meet, and the whole of an element without branches. */
  readonly merge: readonly NodeId[];
  /** Each a list of elements from `entry` to `merge`; the empty list is a skip connection. */
  readonly branches: readonly (readonly Element[])[];
  /** True: more than one group, and not series-parallel; `merge` is then all of it. Only a min-cut may look inside. */
  readonly opaque: boolean;
}

/** Blocks nested deeper are opaque. */
const deepestNesting = 64;

/** Several planners ask for them, and graphs are frozen data. */
const known = new WeakMap<Graph, readonly Element[]>();
const knownStretches = new WeakMap<Graph, readonly Stretch[]>();

/** The graph as a chain of elements: every node is in exactly one of them. */
export function elements(graph: Graph): readonly Element[] {
  let chain = known.get(graph);
  if (chain === undefined) known.set(graph, (chain = chainOf(graph)));
  return chain;
}

const chainOf = (graph: Graph): readonly Element[] => stretchesOf(graph).map(elementOf);

/** The nodes of each of `elements`, ascending: for who does not look inside, which is most of the work. */
export function elementNodes(graph: Graph): readonly (readonly NodeId[])[] {
  return stretchesOf(graph).map(({ groups }) => cutRow(graph, nodesOf(groups), []).nodes);
}

/** Whether every element is a single group of folded nodes. */
export const isChain = (graph: Graph): boolean =>
  stretchesOf(graph).every(({ groups }) => groups.length === 1);

function stretchesOf(graph: Graph): readonly Stretch[] {
  const kept = knownStretches.get(graph);
  if (kept !== undefined) return kept;
  const groups = sweepOrder(graph, foldGroups(graph));
  const entry = graph.inputs.length === 1 ? (graph.inputs[0] ?? null) : null;
  const exit = graph.outputs.length === 1 ? (graph.outputs[0] ?? null) : null;
  const found = [...stretches({ graph, groups, given: graph.inputs, entry, exit, depth: 0 })];
  knownStretches.set(graph, found);
  return found;
}

/** All node ids inside, ascending. */
export function flattenElements(list: readonly Element[]): readonly NodeId[] {
  const nodes = list.flatMap(({ merge, branches }) => [...merge, ...branches.flatMap(flattenElements)]);
  return nodes.sort((left, right) => left - right);
}

interface Stretch {
  readonly graph: Graph;
  /** In topological order. */
  readonly groups: readonly FoldGroup[];
  /** Tensors that exist before the first group runs. */
  readonly given: readonly TensorId[];
  readonly entry: TensorId | null;
  readonly exit: TensorId | null;
  readonly depth: number;
}

/** Parted where a tensor is alone live. */
function* stretches(stretch: Stretch): Generator<Stretch> {
  const liveness = new Liveness(stretch.groups, stretch.given);
  if (stretch.exit !== null) liveness.hold(stretch.exit);
  let { entry, given } = stretch;
  let pending: FoldGroup[] = [];
  for (const [position, group] of stretch.groups.entries()) {
    liveness.run(group);
    pending.push(group);
    const isLast = position === stretch.groups.length - 1;
    const alone = liveness.alone();
    if (!isLast && (alone === null || alone === entry)) continue;
    const exit = isLast ? stretch.exit : alone;
    yield { ...stretch, groups: pending, given, entry, exit };
    pending = [];
    entry = alone;
    given = alone === null ? [] : [alone];
  }
}

function elementOf(stretch: Stretch): Element {
  const { graph, groups, entry, exit } = stretch;
  const nodes = cutRow(graph, nodesOf(groups), []).nodes;
  const basic: Element = { entry, exit, nodes, merge: nodes, branches: [], opaque: false };
  if (groups.length === 1) return basic;
  const branches = stretch.depth < deepestNesting ? branchesOf(stretch) : null;
  if (branches === null) return { ...basic, opaque: true };
  return { ...basic, merge: mergeGroup(stretch)?.nodes ?? [], branches };
}

function mergeGroup({ groups, exit }: Stretch): FoldGroup | undefined {
  return exit === null ? undefined : groups.find((group) => group.outputs.includes(exit));
}

/** The branches that meet in the merge group; null when they are not separate or hand on more than one tensor. */
function branchesOf(stretch: Stretch): readonly (readonly Element[])[] | null {
  const { graph, groups, entry, depth } = stretch;
  const merge = mergeGroup(stretch);
  if (merge === undefined || entry === null) return null;
  const parts = components(
    groups.filter((group) => group !== merge),
    entry,
  );
  const skips = merge.inputs.includes(entry);
  if (parts.length === 1 && !skips) return null;
  const branches: (readonly Element[])[] = skips ? [[]] : [];
  for (const part of parts) {
    const outputs = new Set(part.flatMap((group) => group.outputs));
    const exits = merge.inputs.filter((input) => outputs.has(input));
    if (exits.length > 1) return null;
    const inner = { graph, groups: part, given: [entry], entry, exit: exits[0] ?? null, depth: depth + 1 };
    branches.push([...stretches(inner)].map(elementOf));
  }
  return branches;
}

/** Weakly connected components, when `entry` connects nothing; each in the order of `groups`. */
function components(groups: readonly FoldGroup[], entry: TensorId): FoldGroup[][] {
  const parent = new Map<TensorId | string, TensorId | string>();
  const find = (key: TensorId | string): TensorId | string => {
    let root = key;
    for (let next = parent.get(root); next !== undefined; next = parent.get(root)) root = next;
    for (let at = key; at !== root; ) {
      const next = parent.get(at) ?? root;
      parent.set(at, root);
      at = next;
    }
    return root;
  };
  for (const group of groups) {
    for (const tensor of [...group.inputs, ...group.outputs]) {
      const from = tensor === entry ? null : find(tensor);
      const to = find(`group ${group.index}`);
      if (from !== null && from !== to) parent.set(from, to);
    }
  }
  const parts = new Map<TensorId | string, FoldGroup[]>();
  for (const group of groups) {
    const root = find(`group ${group.index}`);
    const part = parts.get(root);
    if (part === undefined) parts.set(root, [group]);
    else part.push(group);
  }
  return [...parts.values()];
}
