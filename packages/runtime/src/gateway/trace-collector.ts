import {
  type Clock,
  type DeviceId,
  type Seconds,
  seconds,
  type Trace,
  type TraceEvent,
  type TracePlan,
  traceOf,
} from '@tandem/core';
import type { AgentTraceEvent, Traced } from '../wire/message.ts';
import type { AgentLink } from './agent-link.ts';
import type { Deployment } from './deployment.ts';
import { devicesOf } from './gateway-plan-of.ts';

/** What a trace says of a deployed plan. */
export interface TraceSubject {
  /** @default '' */
  readonly model?: string;
  /** @default '' */
  readonly planner?: string;
}

export interface TraceCollectorOptions {
  readonly clock: Clock;
  /** GatewayOptions.clockName */
  readonly clockName: string;
  readonly log: (line: string) => void;
}

/** What happens, as it becomes known; nothing is before a deployment with `trace`. */
export interface TraceFeed {
  /** Has agents tell what happened since they were asked last. */
  collect(signal: AbortSignal): Promise<void>;
  /** What whoever directs the gateway has decided or done. */
  add(event: TraceEvent): void;
  /** Calls `see` with each event from now on, those of one agent in their order; returns what ends that. */
  watch(see: (event: TraceEvent) => void): () => void;
}

/** How an agent's clock differs from the gateway's, as the quickest question so far told. */
interface ClockDifference {
  readonly roundTripSeconds: number;
  readonly offsetSeconds: number;
}

/** Questions that an agent with another clock is asked before a traced run. */
const clockQuestions = 5;
/** Events of a whole trace: about 2 GB of memory. */
const mostEvents = 10_000_000;
/** For an agent to answer. */
const answerSeconds = 10;

/** Brings the events of all agents together with the gateway's own, by the gateway's clock. */
export class TraceCollector {
  readonly #options: TraceCollectorOptions;
  readonly #events: TraceEvent[] = [];
  readonly #differences: Map<DeviceId, ClockDifference> = new Map();
  readonly #plans: TracePlan[] = [];
  readonly #devices: Set<DeviceId> = new Set();
  readonly #links: Map<string, { readonly from: DeviceId; readonly to: DeviceId }> = new Map();
  readonly #watching: Set<(event: TraceEvent) => void> = new Set();
  #model = '';
  #nonce = 0;

  constructor(options: TraceCollectorOptions) {
    this.#options = options;
  }

  get isOn(): boolean {
    return this.#plans.length > 0;
  }

  /** Notes what will run, and finds out about the agents' clocks. */
  async begin(
    deployment: Deployment,
    subject: TraceSubject,
    links: readonly AgentLink[],
    signal: AbortSignal,
  ): Promise<void> {
    this.#model = subject.model ?? this.#model;
    this.#note(deployment, subject.planner ?? '');
    for (let turn = 0; turn < clockQuestions; turn++)
      await Promise.all(links.map((link) => this.#collect(link, signal)));
  }

  /** Notes what a version means that is deployed without a subject of its own: it is by the planner of the version that it follows. */
  follow(deployment: Deployment, followed?: number): void {
    const planner = this.#plans.find(({ version }) => version === followed)?.planner ?? '';
    if (this.isOn) this.#note(deployment, planner);
  }

  /** An event of the gateway itself, or of whoever directs it. */
  add(event: TraceEvent): void {
    if (!this.isOn) return;
    if (this.#events.length < mostEvents) this.#events.push(event);
    for (const see of this.#watching) see(event);
  }

  watch(see: (event: TraceEvent) => void): () => void {
    this.#watching.add(see);
    return () => void this.#watching.delete(see);
  }

  /** Asks agents for what happened since they were asked last. */
  async collect(links: readonly AgentLink[], signal: AbortSignal): Promise<void> {
    await Promise.all(links.map((link) => this.#collect(link, signal)));
  }

  trace(): Trace {
    const header = {
      kind: 'trace',
      format: 1,
      origin: 'measured',
      clock: `the gateway's${this.#clockText()}`,
      model: this.#model,
      devices: [...this.#devices].map((device) => ({ device })),
      links: [...this.#links.values()],
      plans: this.#plans,
    } as const;
    return traceOf(header, this.#events);
  }

  #clockText(): string {
    const texts = [...this.#differences].map(
      ([device, { roundTripSeconds }]) => `${device} ± ${((1000 * roundTripSeconds) / 2).toFixed(3)} ms`,
    );
    return texts.length === 0
      ? ', which all devices read'
      : `; others brought to it by pings: ${texts.join(', ')}`;
  }

  #note(deployment: Deployment, planner: string): void {
    const { version, stages, routes } = deployment;
    const devices = new Map<number, DeviceId[]>();
    for (const { stage, device } of stages) devices.set(stage, [...(devices.get(stage) ?? []), device]);
    const numbered = [...devices].map(([stage, own]) => ({ stage, devices: own }));
    this.#plans.push({ version, planner, stages: numbered });
    for (const device of devicesOf(deployment)) this.#devices.add(device);
    for (const { from, to } of routes)
      if (from !== null && to !== null && from !== to)
        this.#links.set(JSON.stringify([from, to]), { from, to });
  }

  async #collect(link: AgentLink, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    for (let left = 1; left > 0 && !link.signal.aborted; ) {
      const nonce = ++this.#nonce;
      const asked = clock.now();
      const answer = await link.ask(
        { kind: 'collect-trace', nonce },
        `trace ${nonce}`,
        answerSeconds,
        signal,
      );
      if (answer.kind !== 'traced') return;
      this.#compareClocks(link.device, answer, asked, clock.now());
      this.#take(link.device, answer.events);
      if (answer.dropped > 0)
        this.#options.log(`device ${link.device} dropped ${answer.dropped} events of the trace`);
      left = answer.left;
    }
  }

  #compareClocks(
    device: DeviceId,
    { clock, nowSeconds }: Traced,
    askedSeconds: Seconds,
    answeredSeconds: Seconds,
  ): void {
    if (clock !== '' && clock === this.#options.clockName) return;
    const roundTripSeconds = answeredSeconds - askedSeconds;
    const known = this.#differences.get(device);
    if (known !== undefined && known.roundTripSeconds <= roundTripSeconds) return;
    const offsetSeconds = nowSeconds - (askedSeconds + answeredSeconds) / 2;
    this.#differences.set(device, { roundTripSeconds, offsetSeconds });
  }

  #take(device: DeviceId, events: readonly AgentTraceEvent[]): void {
    const offset = this.#differences.get(device)?.offsetSeconds ?? 0;
    for (const event of events)
      this.add(offset === 0 ? event : { ...event, atSeconds: seconds(event.atSeconds - offset) });
  }
}
