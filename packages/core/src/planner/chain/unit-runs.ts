import {
  beyondParameters,
  joinedWeights,
  nothingRewritten,
  rewrittenBytes,
  rewrittenWeights,
} from '../../cost/rewritten-bytes.ts';
import { type StageFacts, stageFacts } from '../../cost/stage-facts.ts';
import type { Graph, NodeId, ParameterId } from '../../graph/graph.ts';
import { peakActivation } from '../../graph/peak-activation.ts';

/**
 * What units [first, end) of a chain need as one stage, for all runs, from those of its units: parameters count once however many units read them, and activations peak
 * in one of the units, since nothing but its border is live beside a unit. O(units × (units + parameters)).
 */
export class UnitRuns {
  /** Whether the graph's order runs one unit after the other, so that a unit peaks alike in whatever stage it is. */
  readonly apart: boolean;
  /** Of all runs, each by itself. */
  readonly most: {
    readonly parameterBytes: number;
    readonly peakBytes: number;
    readonly rewrittenBytes: number;
  };
  readonly #width: number;
  /** [first, end]. */
  readonly #parameters: Float64Array;
  readonly #peaks: Float64Array;
  readonly #rewritten: Float64Array;

  constructor(graph: Graph, units: readonly (readonly NodeId[])[]) {
    this.#width = units.length + 1;
    this.#parameters = new Float64Array(this.#width ** 2);
    this.#peaks = new Float64Array(this.#width ** 2);
    this.#rewritten = new Float64Array(this.#width ** 2);
    const facts = units.map((nodes) => stageFacts(graph, nodes));
    const weights = units.map((nodes) => rewrittenWeights(graph, nodes));
    const shared = sharedParameters(graph, facts);
    const apart = areApart(units);
    this.apart = apart;
    for (let first = 0; first < units.length; first++) {
      let [parameters, peak, rewritten] = [0, 0, nothingRewritten];
      for (let end = first + 1; end <= units.length; end++) {
        parameters += facts[end - 1]?.parameterBytes ?? 0;
        for (const { before, bytes } of shared[end - 1] ?? []) if (before >= first) parameters -= bytes;
        peak = Math.max(peak, facts[end - 1]?.peakBytes ?? 0);
        rewritten = joinedWeights(rewritten, weights[end - 1] ?? nothingRewritten);
        const at = first * this.#width + end;
        const nodes = apart ? [] : units.slice(first, end).flat();
        this.#parameters[at] = parameters;
        this.#peaks[at] = apart ? peak : peakActivation(graph, nodes);
        this.#rewritten[at] = apart ? beyondParameters(rewritten, parameters) : rewrittenBytes(graph, nodes);
      }
    }
    this.most = {
      parameterBytes: mostOf(this.#parameters),
      peakBytes: mostOf(this.#peaks),
      rewrittenBytes: mostOf(this.#rewritten),
    };
  }

  parameterBytes(first: number, end: number): number {
    return this.#parameters[first * this.#width + end] ?? 0;
  }

  peakBytes(first: number, end: number): number {
    return this.#peaks[first * this.#width + end] ?? 0;
  }

  rewrittenBytes(first: number, end: number): number {
    return this.#rewritten[first * this.#width + end] ?? 0;
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
