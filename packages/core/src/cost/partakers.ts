import type { ProblemIndex } from './problem-index.ts';
import type { ResourceUses } from './resource-uses.ts';

/** Who takes part in a plan, as positions in the cluster, ascending. */
export interface Partakers {
  readonly devices: readonly number[];
  /** Of those devices. */
  readonly hosts: readonly number[];
  /** By place in `devices`, the place of its host in `hosts`; -1 where that is not stated. */
  readonly hostPlaces: readonly number[];
}

export function partakersOf({ hostIds, hostOf }: ProblemIndex, devices: readonly number[]): Partakers {
  const own = devices.map((device) => hostOf[device] ?? -1);
  const hosts: number[] = [];
  for (let host = 0; host < hostIds.length; host++) if (own.includes(host)) hosts.push(host);
  return { devices, hosts, hostPlaces: own.map((host) => hosts.indexOf(host)) };
}

/** Finds the devices with a stage, the source and the sink; the plans of a search mostly have the same ones as the plan before. */
export class PartakerFinder {
  readonly #index: ProblemIndex;
  #last: Partakers = { devices: [], hosts: [], hostPlaces: [] };

  constructor(index: ProblemIndex) {
    this.#index = index;
  }

  of(uses: ResourceUses): Partakers {
    if (this.#isSame(uses, this.#last.devices)) return this.#last;
    const devices: number[] = [];
    for (let device = 0; device < this.#index.deviceIds.length; device++)
      if (this.#takesPart(uses, device)) devices.push(device);
    this.#last = partakersOf(this.#index, devices);
    return this.#last;
  }

  #isSame(uses: ResourceUses, devices: readonly number[]): boolean {
    let count = 0;
    for (let device = 0; device < this.#index.deviceIds.length; device++)
      if (this.#takesPart(uses, device) && devices[count++] !== device) return false;
    return count === devices.length;
  }

  #takesPart(uses: ResourceUses, device: number): boolean {
    const { source, sink } = this.#index;
    return device === source || device === sink || uses.isUsed(device);
  }
}
