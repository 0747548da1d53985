import {
  type DeviceId,
  initialProbation,
  isReliable,
  type Probation,
  redialSeconds,
  stepProbation,
} from '@tandem/core';
import { underOwnSignal } from '../wire/on-abort.ts';
import { Tasks } from '../wire/tasks.ts';
import { AgentLink, type AgentLinkEvents } from './agent-link.ts';
import type { GatewayContext } from './gateway-options.ts';

export interface RejoinerOptions {
  readonly context: GatewayContext;
  readonly events: AgentLinkEvents;
  readonly signal: AbortSignal;
  readonly onBack: (link: AgentLink) => Promise<void>;
}

/** Dials devices that were lost until they are back, and knows which have been back for long enough to be relied on. */
export class Rejoiner {
  readonly #options: RejoinerOptions;
  readonly #past: Map<DeviceId, Probation> = new Map();
  readonly #moved: Map<DeviceId, string> = new Map();
  readonly #tasks: Tasks = new Tasks(() => undefined);

  constructor(options: RejoinerOptions) {
    this.#options = options;
  }

  /** The device's agent is to be found there from now on. */
  readdress(device: DeviceId, address: string): void {
    this.#moved.set(device, address);
  }

  isReliable(device: DeviceId): boolean {
    const past = this.#past.get(device);
    return past === undefined || isReliable(past, this.#options.context.clock.now());
  }

  lost(device: DeviceId): void {
    this.#note(device, 'lost');
    this.#tasks.start(() => this.#dial(device));
  }

  /** Resolves when nobody is dialled any more; the signal has to be aborted. */
  settled(): Promise<void> {
    return this.#tasks.settled();
  }

  async #dial(device: DeviceId): Promise<void> {
    const { context, events, signal, onBack } = this.#options;
    for (let attempt = 0; !signal.aborted; attempt++) {
      await underOwnSignal(signal, (own) => context.clock.sleep(redialSeconds(attempt), own.signal));
      const address = this.#moved.get(device) ?? context.addresses[device] ?? '';
      const there = { ...context, addresses: { ...context.addresses, [device]: address } };
      const link = await AgentLink.join(there, device, events, signal).catch(() => null);
      if (link === null) continue;
      this.#note(device, 'back');
      return await onBack(link);
    }
  }

  #note(device: DeviceId, kind: 'lost' | 'back'): void {
    const past = this.#past.get(device) ?? initialProbation();
    this.#past.set(device, past);
    stepProbation(past, { kind }, this.#options.context.clock.now());
  }
}
