import {
  type CountedLoss,
  type CrossingBits,
  countLoss,
  createRandom,
  type Decider,
  type Label,
  type Pace,
  type ScenarioOutcome,
} from '@tandem/core';
import type { RecordedSample } from './recorded-sample.ts';
import { type StreamSetting, simulatedLatency } from './stream-setting.ts';

/** What a policy made of a stream. */
export interface Played {
  /** Of the requests, those that left behind the first stage. */
  readonly exitShare: number;
  /** Of requests that crossed. */
  readonly bits: ReadonlyMap<CrossingBits, number>;
  /** Mean over all requests. */
  readonly bytes: number;
  /** Mean from arrival to answer, simulated. */
  readonly latencySeconds: number;
  /** Answers that are not the whole model's. */
  readonly loss: CountedLoss;
  /** Of them, those of requests that left. */
  readonly exitsLost: number;
  /** Of all requests, those of which the policy would answer what the model does. */
  readonly namedShare: number;
  /** What the policy has to say at the end. */
  readonly note: string | null;
}

interface Pending {
  readonly request: number;
  readonly label: Label;
  readonly atSeconds: number;
}

const seed = 9;

/**
 * Has a policy decide about each sample of a stream, as an agent would: answers of the server reach it when they come, by the times of
 * the setting, and not before. Where the plan crosses by half precision no bits are chosen.
 */
export function playStream(
  stream: readonly RecordedSample[],
  decider: Decider,
  setting: StreamSetting,
  planned: CrossingBits,
): Played {
  const random = createRandom(seed);
  const pace: Pace = {
    slowerSeconds: Math.max(setting.endSeconds, setting.cloudSeconds),
    transferSeconds: (bits) => (8 * setting.bytes[bits]) / setting.bitsPerSecond,
  };
  const pending: Pending[] = [];
  const answers: Label[] = [];
  const outcomes: ScenarioOutcome[] = [];
  const line = new Line(setting);
  let named = 0;
  for (const [request, sample] of stream.entries()) {
    const now = line.afterFirst(request);
    for (let first = pending[0]; first !== undefined && first.atSeconds <= now; first = pending[0]) {
      decider.answered(first.request, first.label, first.atSeconds);
      pending.shift();
    }
    const { kind, label, bits: chosen } = decider.decide(request, sample.feature, pace, random, now);
    if (label === sample.label) named++;
    if (kind === 'leave' && label !== null) {
      answers.push(label);
      outcomes.push({ exitStage: 0 });
      continue;
    }
    const bits = planned === 16 ? planned : chosen;
    const answer = sample.coded[bits] ?? -1;
    answers.push(answer);
    outcomes.push({ exitStage: null, ...(bits === 16 ? {} : { bits }) });
    pending.push({ request, label: answer, atSeconds: line.answered(now, bits) });
  }
  const namedShare = named / stream.length;
  const note = decider.exitsOff ?? decider.recalibrate;
  return { ...judged(stream, answers, outcomes, setting, planned), namedShare, note };
}

/** When a request is where: three resources, one request at a time each. */
class Line {
  readonly #setting: StreamSetting;
  #end = 0;
  #link = 0;
  #cloud = 0;

  constructor(setting: StreamSetting) {
    this.#setting = setting;
  }

  afterFirst(request: number): number {
    this.#end = Math.max(this.#end, request * this.#setting.everySeconds) + this.#setting.endSeconds;
    return this.#end;
  }

  answered(now: number, bits: CrossingBits): number {
    const { bytes, bitsPerSecond, cloudSeconds } = this.#setting;
    this.#link = Math.max(this.#link, now) + (8 * bytes[bits]) / bitsPerSecond;
    this.#cloud = Math.max(this.#cloud, this.#link) + cloudSeconds;
    return this.#cloud;
  }
}

function judged(
  stream: readonly RecordedSample[],
  answers: readonly Label[],
  outcomes: readonly ScenarioOutcome[],
  setting: StreamSetting,
  planned: CrossingBits,
): Omit<Played, 'note' | 'namedShare'> {
  const bits = new Map<CrossingBits, number>();
  let sent = 0;
  let exits = 0;
  let exitsLost = 0;
  for (const [at, { exitStage, bits: own = planned }] of outcomes.entries()) {
    if (exitStage !== null) {
      exits++;
      if (answers[at] !== stream[at]?.label) exitsLost++;
    } else {
      bits.set(own, (bits.get(own) ?? 0) + 1);
      sent += setting.bytes[own];
    }
  }
  return {
    exitShare: exits / stream.length,
    bits: new Map([...bits].sort(([left], [right]) => left - right)),
    bytes: sent / stream.length,
    latencySeconds: simulatedLatency(setting, planned, outcomes),
    loss: countLoss({ labels: stream.map(({ label }) => label) }, answers),
    exitsLost,
  };
}
