import {
  beyondParameters,
  joinedWeights,
  nothingRewritten,
  rewrittenBytes,
  rewrittenWeights,
} from '../../cost/rewritten-bytes.ts';
import { type StageFacts, stageFacts } from '../../cost/stage-facts.ts';
import type { Graph, NodeId, ParameterId } from '../../graph/graph.ts';
import { leastActivation, mostActivation, stageActivation } from '../../graph/stage-activation.ts';

/**
 * What units [first, end) of a chain need as one stage, for all runs, from those of its units: parameters count once however many units
 * read them. O(units × (units + parameters)). Activations are counted for the runs that are asked about.
 */
export class UnitRuns {
  /** Of all runs, each by itself; of activations no run has more. */
  readonly most: {
    readonly parameterBytes: number;
    readonly activationBytes: number;
    readonly rewrittenBytes: number;
  };
  readonly #graph: Graph;
  readonly #units: readonly (readonly NodeId[])[];
  readonly #width: number;
  /** [first, end]. */
  readonly #parameters: Float64Array;
  /** NaN = nobody has asked. */
  readonly #activations: Float64Array;
  /** What the unit that needs most of it needs in any stage. */
  readonly #floors: Float64Array;
  readonly #rewritten: Float64Array;

  constructor(graph: Graph, units: readonly (readonly NodeId[])[]) {
    this.#width = units.length + 1;
    this.#parameters = new Float64Array(this.#width ** 2);
    this.#graph = graph;
    this.#units = units;
    this.#activations = new Float64Array(this.#width ** 2).fill(Number.NaN);
    this.#floors = new Float64Array(this.#width ** 2);
    this.#rewritten = new Float64Array(this.#width ** 2);
    const facts = units.map((nodes) => stageFacts(graph, nodes));
    const weights = units.map((nodes) => rewrittenWeights(graph, nodes));
    const shared = sharedParameters(graph, facts);
    const floors = units.map((nodes) => leastActivation(graph, nodes));
    const apart = areApart(units);
    for (let first = 0; first < units.length; first++) {
      let [parameters, floor, rewritten] = [0, 0, nothingRewritten];
      for (let end = first + 1; end <= units.length; end++) {
        parameters += facts[end - 1]?.parameterBytes ?? 0;
        for (const { before, bytes } of shared[end - 1] ?? []) if (before >= first) parameters -= bytes;
        floor = Math.max(floor, floors[end - 1] ?? 0);
        rewritten = joinedWeights(rewritten, weights[end - 1] ?? nothingRewritten);
        const at = first * this.#width + end;
        this.#parameters[at] = parameters;
        this.#floors[at] = floor;
        this.#rewritten[at] = apart
          ? beyondParameters(rewritten, parameters)
          : rewrittenBytes(graph, this.#nodes(first, end));
      }
    }
    this.most = {
      parameterBytes: mostOf(this.#parameters),
      activationBytes: mostActivation(graph),
      rewrittenBytes: mostOf(this.#rewritten),
    };
  }

  parameterBytes(first: number, end: number): number {
    return this.#parameters[first * this.#width + end] ?? 0;
  }

  activationBytes(first: number, end: number): number {
    const at = first * this.#width + end;
    const known = this.#activations[at] ?? 0;
    if (!Number.isNaN(known)) return known;
    return (this.#activations[at] = stageActivation(this.#graph, this.#nodes(first, end)));
  }

  /** No stage that runs these units, and perhaps others, has less. */
  leastActivationBytes(first: number, end: number): number {
    return this.#floors[first * this.#width + end] ?? 0;
  }

  rewrittenBytes(first: number, end: number): number {
    return this.#rewritten[first * this.#width + end] ?? 0;
  }

  #nodes(first: number, end: number): NodeId[] {
    return this.#units.slice(first, end).flat();
  }
}

const mostOf = (values: Float64Array): number => values.reduce((most, value) => Math.max(most, value), 0);

/** [unit]: parameters that a unit before it reads too, with the last of these. */
function sharedParameters(
  graph: Graph,
  facts: readonly StageFacts[],
): readonly (readonly { readonly before: number; readonly bytes: number }[])[] {
  const last = new Map<ParameterId, number>();
  return facts.map(({ parameters }, unit) => {
    const shared = parameters.flatMap((parameter) => {
      const before = last.get(parameter);
      return before === undefined ? [] : [{ before, bytes: graph.parameters[parameter]?.bytes ?? 0 }];
    });
    for (const parameter of parameters) last.set(parameter, unit);
    return shared;
  });
}

function areApart(units: readonly (readonly NodeId[])[]): boolean {
  return units.every((nodes, unit) => unit === 0 || (nodes[0] ?? 0) > (units[unit - 1]?.at(-1) ?? 0));
}
