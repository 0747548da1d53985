import type { FoldGroup } from './fold-groups.ts';
import type { Graph, TensorId } from './graph.ts';

/**
 * Which tensors are produced (or given) and still needed while groups run one after the other. Graph outputs are not live by
 * themselves: only a group that has yet to run keeps a tensor alive.
 */
export class Liveness {
  readonly live: Set<TensorId>;
  readonly #waiting: Map<TensorId, number>;

  /** `groups` are all that will run; `given` exist from the start. */
  constructor(groups: Iterable<FoldGroup>, given: Iterable<TensorId>) {
    this.#waiting = new Map();
    for (const group of groups) {
      for (const input of group.inputs) this.#waiting.set(input, (this.#waiting.get(input) ?? 0) + 1);
    }
    this.live = new Set();
    for (const tensor of given) if (this.#waiting.has(tensor)) this.live.add(tensor);
  }

  /** Keeps `tensor` alive to the end, as if one more group, which never runs, read it. */
  hold(tensor: TensorId): void {
    this.#waiting.set(tensor, (this.#waiting.get(tensor) ?? 0) + 1);
  }

  run(group: FoldGroup): void {
    for (const output of group.outputs) if (this.#waiting.has(output)) this.live.add(output);
    for (const input of group.inputs) {
      const left = (this.#waiting.get(input) ?? 1) - 1;
      this.#waiting.set(input, left);
      if (left === 0) this.live.delete(input);
    }
  }

  /** The one tensor that is live, or null. */
  alone(): TensorId | null {
    if (this.live.size !== 1) return null;
    for (const tensor of this.live) return tensor;
    return null;
  }
}

export function graphLiveness(graph: Graph, groups: readonly FoldGroup[]): Liveness {
  return new Liveness(groups, graph.inputs);
}
