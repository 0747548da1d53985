import type { DynamicsEvent } from '../schedule/dynamics/dynamics-event.ts';
import type { OptionLink, PlanOption } from '../schedule/dynamics/plan-option.ts';
import {
  initialProbation,
  isReliable,
  type Probation,
  probationSeconds,
  stepProbation,
} from '../schedule/repair/probation.ts';
import { distributionOf } from '../search/distribution.ts';
import type {
  AnswerEvent,
  DeviceEvent,
  FailureEvent,
  StageEvent,
  TraceEvent,
  TransferEvent,
  TransferStartEvent,
} from '../trace/trace.ts';
import { BusySince, type BusyTimes, wayKey } from './busy-times.ts';
import { nowOf, type SimulationContext } from './simulation-context.ts';

/** After so long without a word, a device or a link is taken for gone. */
const silenceSeconds = 0.4;
/** A link on which nothing is sent is tried once in so long. */
const probeSeconds = 1;
/** Answers of so long ago count as of late. */
const lateSeconds = 5;
/** Tensors of less say more about messages than about the rate. */
const leastBytes = 1000;

interface SensedLink {
  readonly link: OptionLink;
  heardAt: number;
  isUp: boolean;
  downSince: number | null;
  /** The transfer that is under way. */
  sending: { readonly bytes: number; readonly since: number } | null;
}

/** What a gateway would come to know of what happens in a simulation: as late, and no more than that. */
export class SimSensors {
  readonly #context: SimulationContext;
  readonly #tell: (event: DynamicsEvent) => void;
  readonly #rateOf: (from: string, to: string) => number;
  readonly #busy: BusyTimes;
  readonly #versions: ReadonlySet<number>;
  readonly #links: Map<string, SensedLink> = new Map();
  readonly #probations: Map<string, Probation> = new Map();
  readonly #stages: Map<string, number> = new Map();
  readonly #arrivals: Map<number, number> = new Map();
  readonly #sojourns: { readonly at: number; readonly seconds: number }[] = [];
  readonly #worked: BusySince;

  constructor(
    context: SimulationContext,
    options: readonly PlanOption[],
    { busy, rateOf, tell }: SensorsPort,
  ) {
    this.#context = context;
    this.#tell = tell;
    this.#rateOf = rateOf;
    this.#busy = busy;
    this.#worked = new BusySince(busy);
    this.#versions = new Set(options.map(({ version }) => version));
    for (const link of options.flatMap(({ links }) => links))
      this.#links.set(wayKey(link), { link, heardAt: 0, isUp: true, downSince: null, sending: null });
  }

  see(event: TraceEvent): void {
    switch (event.kind) {
      case 'arrival':
        if (!this.#versions.has(event.version)) return;
        this.#arrivals.set(event.request, event.atSeconds);
        return this.#tell({ kind: 'arrival' });
      case 'answer':
      case 'failure':
        return this.#seeEnd(event);
      case 'stage-start':
      case 'stage-end':
        return this.#seeStage(event);
      case 'transfer-start':
      case 'transfer-end':
        return this.#seeTransfer(event);
      case 'device-lost':
      case 'device-back':
        return this.#seeDevice(event);
      default:
        return;
    }
  }

  /** What is looked at again and again. */
  sample(): void {
    for (const link of this.#links.values()) this.#sampleLink(link);
  }

  /** Since the last time, so many seconds ago. */
  sampleLoad(seconds: number): void {
    const now = nowOf(this.#context);
    let utilisation = 0;
    for (const key of this.#busy.keys()) {
      const worked = this.#worked.take(key, now);
      // What waits for a link that is down is no load.
      const isDown = this.#links.get(key)?.downSince != null;
      utilisation = Math.max(utilisation, isDown ? 0 : worked / seconds);
    }
    while ((this.#sojourns[0]?.at ?? now) < now - lateSeconds) this.#sojourns.shift();
    const p95Seconds = distributionOf(this.#sojourns.map((one) => one.seconds))?.p95 ?? null;
    this.#tell({ kind: 'load', utilisation, p95Seconds });
  }

  #seeEnd({ kind, request, atSeconds }: AnswerEvent | FailureEvent): void {
    const arrived = this.#arrivals.get(request);
    this.#arrivals.delete(request);
    if (kind === 'answer' && arrived !== undefined)
      this.#sojourns.push({ at: atSeconds, seconds: atSeconds - arrived });
  }

  #seeStage(event: StageEvent): void {
    const { kind, device, version, stage, requests, atSeconds } = event;
    if (kind === 'stage-start') {
      this.#stages.set(device, atSeconds);
      return;
    }
    const { seconds, batchSeconds } = this.#context.stageOf(version, stage, device);
    const predictedSeconds = batchSeconds?.[requests.length - 1] ?? seconds * requests.length;
    const measuredSeconds = atSeconds - (this.#stages.get(device) ?? atSeconds);
    if (predictedSeconds > 0) this.#tell({ kind: 'stage', device, predictedSeconds, measuredSeconds });
  }

  #seeTransfer(event: TransferStartEvent | TransferEvent): void {
    const sensed = this.#links.get(wayKey(event));
    if (sensed === undefined) return;
    const { atSeconds } = event;
    if (event.kind === 'transfer-start') {
      sensed.sending = { bytes: event.bytes, since: atSeconds };
      return;
    }
    const { link, sending } = sensed;
    sensed.sending = null;
    if (sending === null || sending.bytes < leastBytes) return;
    const seconds = atSeconds - sending.since - link.messageSeconds;
    if (seconds > 0) this.#heard(sensed, (8 * sending.bytes) / seconds);
  }

  #heard(sensed: SensedLink, bitsPerSecond: number): void {
    sensed.heardAt = nowOf(this.#context);
    const { from, to } = sensed.link;
    this.#tell({ kind: 'goodput', from, to, bitsPerSecond });
  }

  #sampleLink(sensed: SensedLink): void {
    const now = nowOf(this.#context);
    const { link, sending } = sensed;
    const { from, to } = link;
    const rate = this.#rateOf(from, to);
    sensed.downSince = rate > 0 ? null : (sensed.downSince ?? now);
    const isUp = sensed.downSince === null || now < sensed.downSince + silenceSeconds;
    if (isUp !== sensed.isUp) this.#tell({ kind: 'link', from, to, isUp });
    sensed.isUp = isUp;
    if (rate === 0 || now < sensed.heardAt + probeSeconds) return;
    if (sending === null) this.#heard(sensed, rate);
    // What is not through yet is at most this fast.
    else if (now > sending.since + probeSeconds)
      this.#heard(sensed, Math.min(rate, (8 * sending.bytes) / (now - sending.since)));
  }

  #seeDevice({ kind, device }: DeviceEvent): void {
    const now = nowOf(this.#context);
    const probation = this.#probations.get(device) ?? initialProbation();
    this.#probations.set(device, probation);
    stepProbation(probation, { kind: kind === 'device-lost' ? 'lost' : 'back' }, now);
    const after = kind === 'device-lost' ? silenceSeconds : probationSeconds(probation);
    const { since } = probation;
    this.#context.queue.at(now + after, () => {
      if (probation.since !== since) return;
      this.#tell({ kind: 'device', device, isHere: isReliable(probation, nowOf(this.#context)) });
    });
  }
}

export interface SensorsPort {
  readonly busy: BusyTimes;
  /** Of what passes on the link now. */
  readonly rateOf: (from: string, to: string) => number;
  readonly tell: (event: DynamicsEvent) => void;
}
