import type { AgentTraceEvent } from '../wire/message.ts';

/** What happened at an agent, until the gateway asks for it. Bounded: when nobody asks, the newest are dropped and counted. */
export class EventLog {
  readonly #most: number;
  #events: AgentTraceEvent[] = [];
  #dropped = 0;
  isOn = false;

  constructor(most: number) {
    this.#most = most;
  }

  add(event: AgentTraceEvent): void {
    if (!this.isOn) return;
    if (this.#events.length < this.#most) this.#events.push(event);
    else this.#dropped++;
  }

  /** The oldest events, at most so many, which are forgotten here; how many are left; how many were dropped so far. */
  take(most: number): {
    readonly events: readonly AgentTraceEvent[];
    readonly left: number;
    readonly dropped: number;
  } {
    const events = this.#events.slice(0, most);
    this.#events = this.#events.slice(most);
    return { events, left: this.#events.length, dropped: this.#dropped };
  }
}
