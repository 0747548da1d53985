import type { TensorId } from '../../graph/graph.ts';
import type { ChainCosts } from '../chain/chain-costs.ts';
import type { RelaxedUnit } from './relaxed-units.ts';

/** What every placement has in common, unit by unit of the chain. Devices and units by position. */
export interface ChainRelaxation {
  readonly devices: number;
  readonly source: number;
  readonly sink: number;
  readonly units: readonly RelaxedUnit[];
  /** [unit]: the last unit that is like it in all that matters to bounds, perhaps itself. */
  readonly twins: readonly number[];
  /** Whether placements count that put a unit on several devices. */
  readonly canPart: boolean;
  /** Whether the model's inputs must not leave the source. */
  readonly inputStays: boolean;
  /** [unit]: of the tensor that enters it; null where there are several, which count nothing. */
  readonly entryBytes: readonly (number | null)[];
  /** Of the model's output; null as above. */
  readonly answerBytes: number | null;
  /** [unit]: bytes that stay on the device which runs the whole unit. */
  readonly kept: Float64Array;
  /** [unit][group]: bytes that stay on its device. */
  readonly keptByGroup: readonly Float64Array[];
  /** [device]: bytes for what stays. */
  readonly room: Float64Array;
  /** [device][first unit]: the first unit that does not fit any more behind those from `first` on as one stage. */
  readonly reaches: readonly Int32Array[];
}

/** Of all placements; those that run every unit on one device are what `canPart: false` stands for. */
export function chainRelaxation(chain: ChainCosts, units: readonly RelaxedUnit[]): ChainRelaxation {
  const { problem, index } = chain;
  const isResident = problem.constraints.memory === 'resident';
  const sizeOf = (tensors: readonly TensorId[]): number | null =>
    tensors.length === 1 ? (index.tensorBytes[tensors[0] ?? -1] ?? 0) : null;
  const keptByGroup = units.map(({ parameterBytes }) =>
    isResident ? parameterBytes : parameterBytes.map(() => 0),
  );
  return {
    devices: chain.devices.length,
    source: index.source,
    sink: index.sink,
    units,
    twins: twinsOf(units, index.tensorBytes),
    canPart: true,
    inputStays: problem.constraints.neverLeaveRawInput,
    entryBytes: units.map((_, unit) => sizeOf(chain.crossing(unit))),
    answerBytes: sizeOf(chain.crossing(units.length)),
    kept: Float64Array.from(keptByGroup, (bytes) => bytes.reduce((sum, own) => sum + own, 0)),
    keptByGroup,
    room: Float64Array.from(problem.cluster.devices, ({ memoryBytes, overheadBytes }) =>
      Math.max(0, memoryBytes - overheadBytes),
    ),
    reaches: chain.devices.map((_, device) => reachesOf(chain, device)),
  };
}

/** A longer stage needs no less, so the first that does not fit ends the search for its start. O(units). */
function reachesOf(chain: ChainCosts, device: number): Int32Array {
  const count = chain.units.length;
  const reaches = new Int32Array(count);
  let end = 0;
  for (let first = 0; first < count; first++) {
    end = Math.max(end, first);
    while (end < count && chain.stageFloorBytes(device, first, end + 1) <= chain.capacityBytes(device)) end++;
    reaches[first] = end;
  }
  return reaches;
}

function twinsOf(units: readonly RelaxedUnit[], bytes: readonly number[]): readonly number[] {
  const alike = new Map<string, number[]>();
  const twins: number[] = [];
  for (let unit = units.length - 1; unit >= 0; unit--) {
    const { seconds } = units[unit] as RelaxedUnit;
    const name = shapeOf(units[unit] as RelaxedUnit, bytes);
    const others = alike.get(name) ?? [];
    const twin = others.find((other) => areEqual(units[other]?.seconds ?? seconds, seconds));
    twins[unit] = twin ?? unit;
    if (twin === undefined) alike.set(name, [...others, unit]);
  }
  return twins;
}

/** The groups, what they keep and how tensors of which sizes lead from one to the other. */
function shapeOf(
  { groups, parameterBytes, crossings, entry, exit }: RelaxedUnit,
  bytes: readonly number[],
): string {
  const names = new Map<TensorId, string>(entry === null ? [] : [[entry, `entry ${bytes[entry]}`]]);
  const nameOf = (tensor: TensorId): string => names.get(tensor) ?? `beside ${bytes[tensor]}`;
  const parts = groups.map(({ inputs, outputs }, at) => {
    for (const [place, tensor] of outputs.entries()) names.set(tensor, `${at}.${place} ${bytes[tensor]}`);
    return `${inputs.map(nameOf).join()}>${outputs.map(nameOf).join()}:${parameterBytes[at]}`;
  });
  const ends = [entry, exit].map((tensor) => (tensor === null ? 'several' : nameOf(tensor)));
  return [...ends, ...parts, JSON.stringify(crossings)].join(';');
}

function areEqual(left: Float64Array, right: Float64Array): boolean {
  return left.length === right.length && left.every((value, at) => value === right[at]);
}
