import { linkBetween, type ProblemIndex } from '../../cost/problem-index.ts';

/** What tensors take between devices, by from × devices + to, straight from one to the other as `evaluate` has it; +∞ = no link. */
export class LinkTimes {
  readonly devices: number;
  readonly #perMessage: Float64Array;
  readonly #perByte: Float64Array;
  readonly #burst: Float64Array;
  readonly #delay: Float64Array;

  constructor(index: ProblemIndex) {
    const count = index.devices.size;
    this.devices = count;
    this.#perMessage = new Float64Array(count ** 2);
    this.#perByte = new Float64Array(count ** 2);
    this.#burst = new Float64Array(count ** 2);
    this.#delay = new Float64Array(count ** 2);
    for (let from = 0; from < count; from++)
      for (let to = 0; to < count; to++) {
        const link = index.transfer.links[linkBetween(index, from, to)];
        const pair = from * count + to;
        if (from === to) continue;
        this.#perMessage[pair] = link?.perMessageSeconds ?? Number.POSITIVE_INFINITY;
        this.#perByte[pair] = link?.secondsPerByte ?? 0;
        this.#burst[pair] = link?.burstBytes ?? 0;
        this.#delay[pair] = link?.delaySeconds ?? 0;
      }
  }

  /** Until a tensor of so many bytes is there; 0 from a device to itself. */
  arrival(bytes: number): Float64Array {
    return this.occupied(bytes).map((seconds, pair) => seconds + (this.#delay[pair] as number));
  }

  /** How long it occupies the link. */
  occupied(bytes: number): Float64Array {
    return this.#perMessage.map((seconds, pair) => {
      const sent = Math.max(0, bytes - (this.#burst[pair] as number));
      return seconds + sent * (this.#perByte[pair] as number);
    });
  }
}
