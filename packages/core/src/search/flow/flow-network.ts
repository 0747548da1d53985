import { InvalidInputError } from '../../errors.ts';

/** A directed graph whose arc i leads from tails[i] to heads[i]. Vertices are 0 … vertices − 1; parallel arcs and loops may occur. */
export interface FlowNetwork {
  readonly vertices: number;
  readonly source: number;
  readonly sink: number;
  readonly tails: ArrayLike<number>;
  readonly heads: ArrayLike<number>;
  /** At least 0; +∞ = cannot be cut. */
  readonly capacities: ArrayLike<number>;
}

/** Throws InvalidInputError for an arc between vertices that are not there, a capacity below 0 or a source that is the sink. */
export function requireNetwork({ vertices, source, sink, tails, heads, capacities }: FlowNetwork): void {
  const isVertex = (value: number | undefined): boolean =>
    value !== undefined && Number.isInteger(value) && value >= 0 && value < vertices;
  const refuse = (what: string): never => {
    throw new InvalidInputError(what, 'Give each arc two of the vertices and a capacity of at least 0.');
  };
  if (!isVertex(source) || !isVertex(sink) || source === sink)
    refuse(`A flow from vertex ${source} to ${sink} among ${vertices} vertices was asked for.`);
  if (tails.length !== heads.length || tails.length !== capacities.length)
    refuse(`The network has ${tails.length} tails, ${heads.length} heads, ${capacities.length} capacities.`);
  for (let arc = 0; arc < tails.length; arc++) {
    if (!isVertex(tails[arc]) || !isVertex(heads[arc]))
      refuse(`Arc ${arc} leads from ${tails[arc]} to ${heads[arc]}; the vertices are 0 to ${vertices - 1}.`);
    if (!((capacities[arc] ?? Number.NaN) >= 0)) refuse(`Arc ${arc} has the capacity ${capacities[arc]}.`);
  }
}
