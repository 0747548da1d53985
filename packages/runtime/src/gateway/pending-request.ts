import {
  type Bytes,
  type Clock,
  type Codec,
  covers,
  type DeviceId,
  isBare,
  type Label,
  ProtocolError,
  type RawReason,
  type Seconds,
  seconds,
} from '@tandem/core';
import type { TensorValue } from '../execute/executor.ts';
import type { StageDone, TensorMessage, TransferDone } from '../wire/message.ts';
import type { StageTimes } from '../wire/stage-times.ts';
import { tensorFault } from '../wire/tensor-body.ts';
import { isAnswer } from './copy-routes.ts';
import type { DeployedStage, Deployment, Route } from './deployment.ts';
import { labelOf, oneHot } from './labels.ts';

export interface Answer {
  /** In the order of the deployment's routes to the gateway: the graph's outputs. */
  readonly outputs: readonly TensorValue[];
  /** Not null: not the model as a whole has answered, but an exit. */
  readonly exit: Exit | null;
  /** In the plan's order, as far as the request went. */
  readonly stages: readonly StageTiming[];
  /** Between agents, in the order of the deployment's routes. */
  readonly transfers: readonly TransferTiming[];
  /** How often the request was moved to another deployment, because devices were lost; `stages` are those of the last try. */
  readonly repairs: number;
  /** Whether a repair had cut stages otherwise than the plan when it ran: its answer may be rounded otherwise, then. */
  readonly recut: boolean;
  /** From handing the inputs over to the last output's arrival. */
  readonly seconds: Seconds;
}

/** A request that was answered early, by a label: `outputs` then is 1 at the label and 0 elsewhere. */
export interface Exit {
  readonly stage: number;
  readonly device: DeviceId;
  readonly label: Label;
  /** What was above the exit's threshold: a separability by the centres, or a head's largest softmax value. */
  readonly score: number;
}

export interface StageTiming {
  readonly stage: number;
  readonly device: DeviceId;
  /** Inside the model runtime. */
  readonly computeSeconds: Seconds;
  /** The whole time that the device was taken, pacing included. */
  readonly busySeconds: Seconds;
  /** From the last input's arrival at the device to the stage's start. */
  readonly queueSeconds: Seconds;
}

export interface TransferTiming {
  readonly tensor: string;
  readonly from: DeviceId;
  readonly to: DeviceId;
  /**
   * From the tensor's being ready at the sender to its being decoded at the receiver, time in which the link carried other tensors
   * included; null where the two agents do not read the same clock.
   */
  readonly seconds: Seconds | null;
  /** What crossed the link for it, headers not counted. */
  readonly bytes: Bytes;
  readonly codec: Codec;
  /** Not null where it went raw because the plan's codec cannot hold it. */
  readonly rawBecause: RawReason;
}

/** One request from its inputs to its answer or failure, whichever comes first; what comes later changes nothing. */
export class PendingRequest {
  /** Of the try that is under way, never used before or after. */
  number: number;
  /** Under which it is tried. */
  deployment: Deployment;
  /** The number that it was handed in with. */
  readonly first: number;
  /** Devices lost on the way, so that it was moved to another deployment. */
  repairs = 0;
  #recut: boolean;
  /** Bytes to send, until it has ended. */
  readonly inputs: readonly TensorValue[];
  /** The answer; rejects with the failure. */
  readonly answer: Promise<Answer>;
  /** Known once it is admitted. */
  ticket: number | null = null;
  readonly #clock: Clock;
  readonly #start: Seconds;
  readonly #expected: readonly string[];
  readonly #outputs: Map<string, TensorValue> = new Map();
  /** Of what crosses between stages. */
  readonly #copies: Map<string, TensorValue> = new Map();
  readonly #timings: Map<number, StageTiming> = new Map();
  /** By position in the deployment's routes. */
  readonly #transfers: Map<number, TransferTiming> = new Map();
  #resolve: (answer: Answer) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;
  #completeAt: Seconds | null = null;
  #exit: Exit | null = null;

  constructor(number: number, deployment: Deployment, inputs: readonly TensorValue[], clock: Clock) {
    this.number = number;
    this.first = number;
    this.deployment = deployment;
    this.#recut = deployment.recut === true;
    this.inputs = inputs;
    this.#clock = clock;
    this.#start = clock.now();
    const outputs = deployment.routes.filter(isAnswer);
    this.#expected = [...new Set(outputs.map(({ tensor }) => tensor))];
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.answer.catch(() => undefined);
  }

  /** Goes on as another try; outputs that have come stay. */
  move(number: number, deployment: Deployment): void {
    this.number = number;
    this.deployment = deployment;
    this.ticket = null;
    this.repairs++;
    this.#recut ||= deployment.recut === true;
    this.#timings.clear();
    this.#transfers.clear();
  }

  get isComplete(): boolean {
    return this.#completeAt !== null;
  }

  /** Outputs that have come. */
  get arrived(): ReadonlySet<string> {
    return new Set(this.#outputs.keys());
  }

  /** Whether the gateway could hand the tensor in again: a copy of what a stage has made. */
  keeps(tensor: string): boolean {
    return this.#copies.has(tensor);
  }

  /** An input, or a copy. */
  find(tensor: string): TensorValue | undefined {
    return this.inputs.find(({ name }) => name === tensor) ?? this.#copies.get(tensor);
  }

  /** An output, or a copy, from the device that the deployment gets it from, and its stage's times. Throws ProtocolError for anything else. */
  accept(device: DeviceId, message: TensorMessage, data: Uint8Array<ArrayBuffer>): void {
    const { tensor, type, shape, codec, times } = message;
    const route = this.deployment.routes.find(
      (candidate) => candidate.to === null && candidate.tensor === tensor && candidate.from === device,
    );
    const declared = this.deployment.tensors.find(({ name }) => name === tensor);
    const fault = declared ? tensorFault(declared, { type, shape }) : `tensor ${tensor}`;
    if (route === undefined || !isBare(codec) || fault !== null)
      throw unexpectedOutput(device, fault ?? `tensor ${tensor}`);
    const arrived = isAnswer(route) ? this.#outputs : this.#copies;
    if (!arrived.has(tensor)) arrived.set(tensor, { name: tensor, type, shape, data });
    if (this.#outputs.size === this.#expected.length) this.#completeAt ??= this.#clock.now();
    if (times !== undefined) this.#stageDone(device, times);
  }

  /** An exit's answer. Throws ProtocolError where the deployment has no such exit or no such label. */
  leave(exit: Exit): void {
    const { decisions = [], stages } = this.deployment;
    const { stage, device, label } = exit;
    const isDecided = decisions.some((decision) => decision.stage === stage);
    const isOwn = stages.some((other) => other.stage === stage && other.device === device);
    const output = oneHot(this.deployment, label);
    if (!isDecided || !isOwn || output === null)
      throw unexpectedOutput(device, `label ${label} as the answer of stage ${stage}`);
    if (this.#exit !== null || this.#outputs.size === this.#expected.length) return;
    this.#exit = exit;
    this.#outputs.clear();
    this.#outputs.set(output.name, output);
    this.#completeAt = this.#clock.now();
  }

  /** What the model as a whole has answered, once it has; null where it has not, or answers no label. */
  get label(): Label | null {
    if (this.#exit !== null || (this.deployment.decisions ?? []).length === 0) return null;
    return labelOf(this.deployment, this.#outputs);
  }

  /** What the device that was taken longest was; null where not all have said yet. */
  get slowerSeconds(): Seconds | null {
    if (!this.isTimed) return null;
    const busy = new Map<DeviceId, number>();
    for (const { device, busySeconds } of this.#timings.values())
      busy.set(device, (busy.get(device) ?? 0) + busySeconds);
    return seconds(Math.max(0, ...busy.values()));
  }

  /** A time that a device took. Throws ProtocolError when it concerns a stage or a transfer that is not the device's. */
  time(device: DeviceId, done: StageDone | TransferDone): void {
    if (done.kind === 'stage-done') this.#stageDone(device, done);
    else this.#transferDone(device, done);
  }

  /** Every device has said how long it took. */
  get isTimed(): boolean {
    if (this.#exit !== null) return true;
    const { stages, routes } = this.deployment;
    const isMine = ({ share }: DeployedStage | Route): boolean =>
      this.ticket !== null && covers(share, this.ticket);
    if (this.#timings.size < stages.filter(isMine).length) return false;
    return this.#transfers.size >= routes.filter((route) => isBetweenAgents(route) && isMine(route)).length;
  }

  /** Answers with the outputs and the times that came. */
  settle(): void {
    const outputs = this.#expected.flatMap((name) => this.#outputs.get(name) ?? []);
    const stages = this.deployment.stages.flatMap(({ stage, device }) => {
      const timing = this.#timings.get(stage);
      return timing?.device === device ? [timing] : [];
    });
    const transfers = this.deployment.routes.flatMap((_, route) => this.#transfers.get(route) ?? []);
    const taken = (this.#completeAt ?? this.#clock.now()) - this.#start;
    this.#resolve({
      outputs,
      exit: this.#exit,
      stages,
      transfers,
      repairs: this.repairs,
      recut: this.#recut,
      seconds: seconds(Math.max(0, taken)),
    });
  }

  fail(error: unknown): void {
    this.#reject(error);
  }

  #transferDone(to: DeviceId, done: TransferDone): void {
    const { tensor, from, seconds: taken, bytes, codec, rawBecause } = done;
    const route = this.deployment.routes.findIndex(
      (other) => other.tensor === tensor && other.from === from && other.to === to,
    );
    if (route < 0) throw unexpectedOutput(to, `the arrival of tensor ${tensor} from device ${from}`);
    this.#transfers.set(route, { tensor, from, to, seconds: taken, bytes, codec, rawBecause });
  }

  #stageDone(device: DeviceId, { stage, computeSeconds, busySeconds, queueSeconds }: StageTimes): void {
    if (!this.deployment.stages.some((other) => other.stage === stage && other.device === device)) {
      throw unexpectedOutput(device, `the end of stage ${stage}`);
    }
    this.#timings.set(stage, { stage, device, computeSeconds, busySeconds, queueSeconds });
  }
}

const isBetweenAgents = ({ from, to }: Route): boolean => from !== null && to !== null && from !== to;

function unexpectedOutput(device: DeviceId, what: string): ProtocolError {
  return new ProtocolError(
    `device ${device} sent the gateway ${what}, which the plan does not let it send`,
    'Run the same version of Tandem on every device.',
  );
}
