import type { Bytes } from '../units.ts';
import type { SimLink, SimTransfer } from './sim-line.ts';
import { nowOf, type SimulationContext } from './simulation-context.ts';

/** A tensor on its way to another device. */
export interface SentTensor {
  readonly version: number;
  readonly request: number;
  readonly tensor: string;
  readonly from: string;
  readonly to: string;
}

/** Tells trace and hooks of the way of a tensor over its link, and whoever waits for it that it is there. */
export class SimCarriage implements SimTransfer {
  readonly link: SimLink;
  readonly bytes: Bytes;
  readonly #context: SimulationContext;
  readonly #sent: SentTensor;
  readonly #arrive: () => void;
  #start = 0;

  constructor(context: SimulationContext, sent: SentTensor, link: SimLink, size: Bytes, arrive: () => void) {
    this.#context = context;
    this.#sent = sent;
    this.link = link;
    this.bytes = size;
    this.#arrive = arrive;
  }

  started(): void {
    const { version, request, tensor, from, to } = this.#sent;
    const { bytes } = this;
    const atSeconds = nowOf(this.#context);
    this.#start = atSeconds;
    this.#context.emit({ kind: 'transfer-start', atSeconds, version, request, tensor, from, to, bytes });
  }

  ended(): void {
    const { queue, emit, hooks } = this.#context;
    const { version, request, tensor, from, to } = this.#sent;
    emit({ kind: 'transfer-end', atSeconds: nowOf(this.#context), version, request, tensor, from, to });
    hooks.carried?.({ from, to, bytes: this.bytes, seconds: queue.now - this.#start });
    const { delaySeconds } = this.link;
    if (delaySeconds === 0) this.#arrive();
    else queue.at(queue.now + delaySeconds, this.#arrive);
  }
}
