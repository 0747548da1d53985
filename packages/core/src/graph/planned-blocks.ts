import { type BlockRules, blockRules, inPlace, shared } from './block-rules.ts';
import type { Graph, Node, NodeId, TensorId } from './graph.ts';

/** A piece of memory that the model runtime asks for in a run and gives back in the same run. */
export interface Block {
  readonly bytes: number;
  /** Nodes during which it is first and last held. */
  readonly first: NodeId;
  readonly last: NodeId;
}

/**
 * The blocks of the tensors between the nodes, in the order in which they are asked for, by the rules of ONNX Runtime's planner: a
 * tensor takes the block of an input that dies, where its operator can work in place, else that which a tensor of its shape and type left
 * last, else a new one; a block that will be taken again is not given back meanwhile. What a stage receives or gives away lies in
 * buffers of its own. `nodes` ascend, `outputs` are what they give away. O(V+E).
 */
export function plannedBlocks(
  graph: Graph,
  nodes: readonly NodeId[],
  outputs: readonly TensorId[],
): readonly Block[] {
  const planner = new BlockPlanner(graph, nodes, outputs);
  for (const id of nodes) planner.run(graph.nodes[id] as Node);
  return planner.blocks;
}

interface PlannedBlock {
  readonly bytes: number;
  readonly first: NodeId;
  last: NodeId;
  /** Of its first tensor. */
  readonly form: number;
  /** Reads to come of the tensors that have lain in it. */
  uses: number;
}

class BlockPlanner {
  readonly blocks: PlannedBlock[] = [];
  readonly #graph: Graph;
  readonly #rules: BlockRules;
  /** [tensor]: how many of the nodes read it. */
  readonly #reads: Int32Array;
  /** [tensor]: 1 = lies in a buffer of the stage's own. */
  readonly #isOutput: Uint8Array;
  readonly #places = new Map<TensorId, PlannedBlock>();
  /** [form]: blocks that nobody needs, the last left last. */
  readonly #left: (PlannedBlock[] | undefined)[] = [];

  constructor(graph: Graph, nodes: readonly NodeId[], outputs: readonly TensorId[]) {
    const count = graph.tensors.length;
    this.#graph = graph;
    this.#rules = blockRules(graph);
    this.#reads = new Int32Array(count);
    this.#isOutput = new Uint8Array(count);
    for (const id of nodes)
      for (const input of graph.nodes[id]?.inputs ?? []) this.#reads[input] = (this.#reads[input] ?? 0) + 1;
    for (const output of outputs) this.#isOutput[output] = 1;
  }

  run(node: Node): void {
    const { id, inputs, outputs, workspaceBytes } = node;
    for (const output of outputs) if (this.#isOutput[output] === 0) this.#place(node, output);
    if (workspaceBytes > 0)
      this.blocks.push({ bytes: workspaceBytes, first: id, last: id, form: -1, uses: 0 });
    for (const input of inputs) this.#use(this.#places.get(input), 1, id);
    for (const output of outputs) this.#use(this.#places.get(output), 0, id);
  }

  #place(node: Node, output: TensorId): void {
    const block = this.#taken(node, output);
    if (block === undefined) return;
    block.uses += this.#reads[output] ?? 0;
    this.#places.set(output, block);
  }

  #taken(node: Node, output: TensorId): PlannedBlock | undefined {
    const { writes, forms, addends } = this.#rules;
    const how = writes[node.id];
    if (how === shared) return this.#places.get(node.inputs[0] ?? -1);
    const form = forms[output] ?? -1;
    const addend = this.#places.get(addends[output] ?? -1);
    if (addend?.uses === 1) return addend;
    const dying = how === inPlace ? this.#dying(node, form) : undefined;
    if (dying !== undefined) return dying;
    const left = this.#left[form]?.pop();
    if (left !== undefined) return left;
    const bytes = this.#graph.tensors[output]?.bytes ?? 0;
    const block = { bytes, first: node.id, last: node.id, form, uses: 0 };
    this.blocks.push(block);
    return block;
  }

  /** The block of an input of that form which only the node has yet to read. */
  #dying({ inputs }: Node, form: number): PlannedBlock | undefined {
    for (const input of inputs) {
      const block = this.#places.get(input);
      if (block === undefined || this.#rules.forms[input] !== form) continue;
      let reads = 0;
      for (const other of inputs) if (this.#places.get(other) === block) reads++;
      if (block.uses === reads) return block;
    }
    return undefined;
  }

  #use(block: PlannedBlock | undefined, reads: number, at: NodeId): void {
    if (block === undefined) return;
    block.last = at;
    block.uses -= reads;
    if (block.uses > 0) return;
    const left = this.#left[block.form];
    if (left === undefined) this.#left[block.form] = [block];
    else if (!left.includes(block)) left.push(block);
  }
}
