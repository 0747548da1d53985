import { computeTable } from '../../cost/cost-tables.ts';
import type { ProblemIndex } from '../../cost/problem-index.ts';
import type { FoldGroup } from '../../graph/fold-groups.ts';
import type { TensorId } from '../../graph/graph.ts';
import { LinkTimes } from '../bounds/link-times.ts';

/** What crosses from one place to others, by positions of groups; -1 = from where requests enter. */
interface Crossing {
  readonly producer: number;
  readonly readers: readonly number[];
  /** [from × devices + to]: how long it occupies the link. */
  readonly occupied: Float64Array;
  /** The device at which it is wanted as an answer; -1 = none. */
  readonly wantedAt: number;
  readonly stays: boolean;
}

/**
 * How long every device and link is busy for one request when each fold group is on a device of its own choice, kept up to date as groups
 * move; and what parameters take on each device. As `evaluate` has it where no stage was measured as one piece and no link follows a trace.
 */
export class PlacementLoads {
  readonly devices: number;
  /** [group] */
  readonly deviceOf: Int32Array;
  /** Devices, then links by from × devices + to. */
  readonly busy: Float64Array;
  /** [device] */
  readonly parameterBytes: Float64Array;
  readonly #seconds: readonly Float64Array[];
  readonly #kept: Float64Array;
  readonly #source: number;
  readonly #crossings: readonly Crossing[];
  /** [group]: positions in `#crossings`. */
  readonly #touching: readonly (readonly number[])[];
  /** [crossing]: the step in which it was looked at last. */
  readonly #seen: Int32Array;
  #step = 0;
  #barred = 0;

  constructor(index: ProblemIndex, groups: readonly FoldGroup[], deviceOf: (group: number) => number) {
    const { problem } = index;
    this.devices = index.devices.size;
    this.#source = index.source;
    const table = computeTable(problem);
    this.#seconds = table.seconds.map((row) =>
      Float64Array.from(groups, ({ nodes }) => nodes.reduce((sum, node) => sum + (row[node] ?? 0), 0)),
    );
    this.#kept = keptBytes(index, groups);
    this.#crossings = crossingsOf(index, groups);
    this.#touching = touchingOf(this.#crossings, groups.length);
    this.#seen = new Int32Array(this.#crossings.length);
    this.deviceOf = Int32Array.from(groups, (_, group) => deviceOf(group));
    this.busy = new Float64Array(this.devices * (1 + this.devices));
    this.parameterBytes = new Float64Array(this.devices);
    this.#addAll();
  }

  /** Nothing crosses where there is no link, and no raw input leaves that must stay. */
  get isAllowed(): boolean {
    return this.#barred === 0;
  }

  /** The longest that anything is busy. */
  period(): number {
    let most = 0;
    for (const seconds of this.busy) if (seconds > most) most = seconds;
    return most;
  }

  /** Which groups the resource is busy with: those on the device, or those that send or read what crosses the link, answers included. */
  groupsAt(resource: number): ReadonlySet<number> {
    const groups = new Set<number>();
    if (resource < this.devices) {
      for (const [group, device] of this.deviceOf.entries()) if (device === resource) groups.add(group);
      return groups;
    }
    const from = Math.floor(resource / this.devices) - 1;
    const to = resource % this.devices;
    for (const { producer, readers, wantedAt } of this.#crossings) {
      if (this.#origin(producer) !== from) continue;
      const there = readers.filter((reader) => this.deviceOf[reader] === to);
      for (const reader of there) groups.add(reader);
      if ((there.length > 0 || wantedAt === to) && producer >= 0) groups.add(producer);
    }
    return groups;
  }

  /** Puts groups on devices. */
  place(groups: readonly number[], deviceAt: (at: number) => number): void {
    this.#step++;
    const crossings: number[] = [];
    for (const group of groups)
      for (const at of this.#touching[group] as readonly number[])
        if (this.#seen[at] !== this.#step) {
          this.#seen[at] = this.#step;
          crossings.push(at);
        }
    for (const at of crossings) this.#cross(at, -1);
    for (const [at, group] of groups.entries()) {
      this.#run(group, -1);
      this.deviceOf[group] = deviceAt(at);
      this.#run(group, 1);
    }
    for (const at of crossings) this.#cross(at, 1);
  }

  /** Takes the sums anew, because differences leave roundings behind; where given, with the groups on these devices. */
  settle(deviceOf?: Int32Array): void {
    if (deviceOf !== undefined) this.deviceOf.set(deviceOf);
    this.#addAll();
  }

  #addAll(): void {
    this.busy.fill(0);
    this.parameterBytes.fill(0);
    this.#barred = 0;
    for (const group of this.deviceOf.keys()) this.#run(group, 1);
    for (const at of this.#crossings.keys()) this.#cross(at, 1);
  }

  #run(group: number, sign: 1 | -1): void {
    const device = this.deviceOf[group] as number;
    this.#add(device, sign * (this.#seconds[device]?.[group] as number));
    this.parameterBytes[device] =
      (this.parameterBytes[device] as number) + sign * (this.#kept[group] as number);
  }

  #origin(producer: number): number {
    return producer < 0 ? this.#source : (this.deviceOf[producer] as number);
  }

  /** Once to each device that reads it. */
  #cross(at: number, sign: 1 | -1): void {
    const { producer, readers, occupied, wantedAt, stays } = this.#crossings[at] as Crossing;
    const from = this.#origin(producer);
    for (let reader = -1; reader < readers.length; reader++) {
      const to = reader < 0 ? wantedAt : (this.deviceOf[readers[reader] as number] as number);
      if (to < 0 || to === from || this.#isServed(readers, reader, to, wantedAt)) continue;
      const seconds = occupied[from * this.devices + to] as number;
      if (stays || seconds === Number.POSITIVE_INFINITY) this.#barred += sign;
      else this.#add(this.devices + from * this.devices + to, sign * seconds);
    }
  }

  /** By one of those before. */
  #isServed(readers: readonly number[], before: number, device: number, wantedAt: number): boolean {
    if (before >= 0 && device === wantedAt) return true;
    for (let at = 0; at < before; at++) if (this.deviceOf[readers[at] as number] === device) return true;
    return false;
  }

  #add(resource: number, seconds: number): void {
    this.busy[resource] = (this.busy[resource] as number) + seconds;
  }
}

function touchingOf(crossings: readonly Crossing[], groups: number): readonly (readonly number[])[] {
  const touching: number[][] = Array.from({ length: groups }, () => []);
  for (const [at, { producer, readers }] of crossings.entries())
    for (const group of [producer, ...readers]) touching[group]?.push(at);
  return touching;
}

/** [group]: of parameters, each counted where it is read first; 0 where they do not stay. */
function keptBytes({ problem, parameterBytes }: ProblemIndex, groups: readonly FoldGroup[]): Float64Array {
  const seen = new Set<number>();
  return Float64Array.from(groups, ({ nodes }) => {
    if (problem.constraints.memory !== 'resident') return 0;
    let sum = 0;
    for (const node of nodes)
      for (const parameter of problem.graph.nodes[node]?.parameters ?? []) {
        if (!seen.has(parameter)) sum += parameterBytes[parameter] ?? 0;
        seen.add(parameter);
      }
    return sum;
  });
}

function crossingsOf(index: ProblemIndex, groups: readonly FoldGroup[]): readonly Crossing[] {
  const { graph, constraints } = index.problem;
  const links = new LinkTimes(index);
  const bySize = new Map<number, Float64Array>();
  const occupied = (bytes: number): Float64Array => {
    const known = bySize.get(bytes) ?? links.occupied(bytes);
    bySize.set(bytes, known);
    return known;
  };
  const owners = new Map<TensorId, number>();
  const readers = new Map<TensorId, number[]>();
  for (const { index: at, inputs, outputs } of groups) {
    for (const tensor of outputs) owners.set(tensor, at);
    for (const tensor of inputs) readers.set(tensor, [...(readers.get(tensor) ?? []), at]);
  }
  const outputs = new Set(graph.outputs);
  return graph.tensors.flatMap(({ id, producer, bytes }): Crossing[] => {
    const read = readers.get(id) ?? [];
    const wantedAt = outputs.has(id) ? index.sink : -1;
    if (read.length === 0 && wantedAt < 0) return [];
    const stays = producer === 'input' && constraints.neverLeaveRawInput;
    return [{ producer: owners.get(id) ?? -1, readers: read, occupied: occupied(bytes), wantedAt, stays }];
  });
}
