import type { ResidualArcs } from './residual-arcs.ts';

/**
 * The first phase of the push-relabel method (Goldberg and Tarjan 1988), highest label first (Cherkassky and Goldberg 1997): moves what has
 * arrived from the source on to the sink until nothing more can get there, and returns how much did. What is left stays where it
 * is, at vertices that the sink cannot be reached from: a preflow, of as great a value as a maximum flow. Labels start exact and are made
 * exact again after a quarter as many relabellings as there are vertices; a level that empties lifts all above it. O(vertices² × √arcs).
 */
export function sendToSink(arcs: ResidualArcs): number {
  const search = new PreflowSearch(arcs);
  return search.run();
}

class PreflowSearch {
  readonly #arcs: ResidualArcs;
  readonly #vertices: number;
  /** At most the distance to the sink along arcs with room; `#vertices` = it cannot be reached. */
  readonly #labels: Int32Array;
  /** [label]: how many vertices have it. */
  readonly #counts: Int32Array;
  /** [label]: the vertex with excess that came last, −1 = none; [vertex] the one before it. */
  readonly #last: Int32Array;
  readonly #before: Int32Array;
  /** [vertex]: the arc to look at next. */
  readonly #next: Int32Array;
  readonly #queue: Int32Array;
  #highest = 0;
  #relabelled = 0;
  #arrived = 0;

  constructor(arcs: ResidualArcs) {
    this.#arcs = arcs;
    this.#vertices = arcs.excesses.length;
    this.#labels = new Int32Array(this.#vertices);
    this.#counts = new Int32Array(this.#vertices + 1);
    this.#last = new Int32Array(this.#vertices + 1);
    this.#before = new Int32Array(this.#vertices);
    this.#next = new Int32Array(this.#vertices);
    this.#queue = new Int32Array(this.#vertices);
  }

  run(): number {
    for (let vertex = 0; vertex < this.#vertices; vertex++) this.#drain(vertex);
    this.#labelExactly();
    while (this.#highest > 0) {
      const vertex = this.#last[this.#highest] as number;
      if (vertex < 0) {
        this.#highest -= 1;
        continue;
      }
      this.#last[this.#highest] = this.#before[vertex] as number;
      this.#discharge(vertex);
      if (4 * this.#relabelled > this.#vertices) this.#labelExactly();
    }
    return this.#arrived;
  }

  #drain(vertex: number): void {
    const { excesses, drains } = this.#arcs;
    const [excess, drain] = [excesses[vertex] as number, drains[vertex] as number];
    const amount = excess < drain ? excess : drain;
    if (amount === 0) return;
    excesses[vertex] = excess - amount;
    drains[vertex] = drain - amount;
    this.#arrived += amount;
  }

  /** Distances to the sink by breadth first, and who has excess by label. */
  #labelExactly(): void {
    const { first, heads, twins, residuals, drains, nothing } = this.#arcs;
    const labels = this.#labels.fill(this.#vertices);
    const queue = this.#queue;
    let length = 0;
    for (let vertex = 0; vertex < this.#vertices; vertex++) {
      if ((drains[vertex] as number) <= nothing) continue;
      labels[vertex] = 1;
      queue[length++] = vertex;
    }
    for (let position = 0; position < length; position++) {
      const vertex = queue[position] as number;
      const label = (labels[vertex] as number) + 1;
      for (let arc = first[vertex] as number; arc < (first[vertex + 1] as number); arc++) {
        const head = heads[arc] as number;
        if ((labels[head] as number) <= label || (residuals[twins[arc] as number] as number) <= nothing)
          continue;
        labels[head] = label;
        queue[length++] = head;
      }
    }
    this.#listByLabel();
  }

  #listByLabel(): void {
    this.#counts.fill(0);
    this.#last.fill(-1);
    this.#highest = 0;
    this.#relabelled = 0;
    for (let vertex = 0; vertex < this.#vertices; vertex++) {
      const label = this.#labels[vertex] as number;
      this.#next[vertex] = this.#arcs.first[vertex] as number;
      this.#counts[label] = (this.#counts[label] as number) + 1;
      if ((this.#arcs.excesses[vertex] as number) > this.#arcs.nothing) this.#activate(vertex, label);
    }
  }

  #activate(vertex: number, label: number): void {
    if (label >= this.#vertices) return;
    this.#before[vertex] = this.#last[label] as number;
    this.#last[label] = vertex;
    if (label > this.#highest) this.#highest = label;
  }

  /** Moves a vertex's excess on until it has none, or the sink is out of its reach. */
  #discharge(vertex: number): void {
    const { first, nothing, excesses } = this.#arcs;
    const end = first[vertex + 1] as number;
    let label = this.#labels[vertex] as number;
    for (;;) {
      if (label === 1) this.#drain(vertex);
      for (let arc = this.#next[vertex] as number; (excesses[vertex] as number) > nothing; arc++) {
        this.#next[vertex] = arc;
        if (arc === end) break;
        this.#push(vertex, arc, label);
      }
      if ((excesses[vertex] as number) <= nothing) return;
      label = this.#relabel(vertex, label);
      if (label >= this.#vertices) return;
    }
  }

  /** Along an arc that leads one label down and has room. */
  #push(vertex: number, arc: number, label: number): void {
    const { heads, twins, residuals, excesses, nothing } = this.#arcs;
    const head = heads[arc] as number;
    const residual = residuals[arc] as number;
    if ((this.#labels[head] as number) !== label - 1 || residual <= nothing) return;
    const excess = excesses[vertex] as number;
    const amount = excess < residual ? excess : residual;
    const twin = twins[arc] as number;
    const had = excesses[head] as number;
    residuals[arc] = residual - amount;
    residuals[twin] = (residuals[twin] as number) + amount;
    excesses[vertex] = excess - amount;
    excesses[head] = had + amount;
    if (had <= nothing && had + amount > nothing) this.#activate(head, label - 1);
  }

  /** One above the lowest neighbour that there is room to. */
  #relabel(vertex: number, label: number): number {
    const { first, heads, residuals, drains, nothing } = this.#arcs;
    const labels = this.#labels;
    const from = first[vertex] as number;
    let lowest = (drains[vertex] as number) > nothing ? 0 : this.#vertices;
    for (let arc = from; arc < (first[vertex + 1] as number); arc++) {
      const other = labels[heads[arc] as number] as number;
      if (other < lowest && (residuals[arc] as number) > nothing) lowest = other;
    }
    this.#relabelled += 1;
    this.#next[vertex] = from;
    const left = (this.#counts[label] = (this.#counts[label] as number) - 1);
    if (left === 0) this.#liftAbove(label);
    const lifted = left === 0 || lowest >= this.#vertices ? this.#vertices : lowest + 1;
    labels[vertex] = lifted;
    this.#counts[lifted] = (this.#counts[lifted] as number) + 1;
    return lifted;
  }

  /** Nobody has the label: whoever is above it is cut off from the sink. */
  #liftAbove(label: number): void {
    const labels = this.#labels;
    for (let vertex = 0; vertex < this.#vertices; vertex++) {
      const other = labels[vertex] as number;
      if (other <= label || other === this.#vertices) continue;
      this.#counts[other] = (this.#counts[other] as number) - 1;
      labels[vertex] = this.#vertices;
    }
  }
}
