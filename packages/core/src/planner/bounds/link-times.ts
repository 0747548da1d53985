import { occupiedSeconds, type TransferCoefficients } from '../../cost/cost-tables.ts';
import { linkBetween, type ProblemIndex } from '../../cost/problem-index.ts';

/** What tensors take between devices, by from × devices + to, straight from one to the other as `evaluate` has it; +∞ = no link. */
export class LinkTimes {
  readonly devices: number;
  /** Null = from a device to itself. */
  readonly #links: readonly (TransferCoefficients | null | undefined)[];

  constructor(index: ProblemIndex) {
    const count = index.devices.size;
    this.devices = count;
    this.#links = Array.from({ length: count ** 2 }, (_, pair) => {
      const [from, to] = [Math.floor(pair / count), pair % count];
      return from === to ? null : index.transfer.links[linkBetween(index, from, to)];
    });
  }

  /** Until a tensor of so many bytes is there; 0 from a device to itself. */
  arrival(bytes: number): Float64Array {
    return this.occupied(bytes).map((seconds, pair) => seconds + (this.#links[pair]?.delaySeconds ?? 0));
  }

  /** How long it occupies the link. */
  occupied(bytes: number): Float64Array {
    return Float64Array.from(this.#links, (link) =>
      link === null ? 0 : link === undefined ? Number.POSITIVE_INFINITY : occupiedSeconds(link, bytes),
    );
  }
}
