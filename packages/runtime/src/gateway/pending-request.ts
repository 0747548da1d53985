import {
  type Bytes,
  type Clock,
  type Codec,
  covers,
  type DeviceId,
  ProtocolError,
  type RawReason,
  type Seconds,
  seconds,
} from '@tandem/core';
import type { TensorValue } from '../execute/executor.ts';
import type { StageDone, TensorMessage, TransferDone } from '../wire/message.ts';
import { tensorFault } from '../wire/tensor-body.ts';
import type { DeployedStage, Deployment, Route } from './deployment.ts';

export interface Answer {
  /** In the order of the deployment's routes to the gateway: the graph's outputs. */
  readonly outputs: readonly TensorValue[];
  /** In the plan's order. */
  readonly stages: readonly StageTiming[];
  /** Between agents, in the order of the deployment's routes. */
  readonly transfers: readonly TransferTiming[];
  /** From handing the inputs over to the last output's arrival. */
  readonly seconds: Seconds;
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
  readonly number: number;
  readonly deployment: Deployment;
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
  readonly #timings: Map<number, StageTiming> = new Map();
  /** By position in the deployment's routes. */
  readonly #transfers: Map<number, TransferTiming> = new Map();
  #resolve: (answer: Answer) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;
  #completeAt: Seconds | null = null;

  constructor(number: number, deployment: Deployment, inputs: readonly TensorValue[], clock: Clock) {
    this.number = number;
    this.deployment = deployment;
    this.inputs = inputs;
    this.#clock = clock;
    this.#start = clock.now();
    const outputs = deployment.routes.filter(({ to }) => to === null);
    this.#expected = [...new Set(outputs.map(({ tensor }) => tensor))];
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.answer.catch(() => undefined);
  }

  /** An output from the device that the deployment gets it from. Throws ProtocolError for anything else. */
  accept(device: DeviceId, message: TensorMessage, data: Uint8Array<ArrayBuffer>): void {
    const { tensor, type, shape, codec } = message;
    const route = this.deployment.routes.find(
      (candidate) => candidate.to === null && candidate.tensor === tensor && candidate.from === device,
    );
    const declared = this.deployment.tensors.find(({ name }) => name === tensor);
    const fault = declared ? tensorFault(declared, { type, shape }) : `tensor ${tensor}`;
    if (route === undefined || codec.kind !== 'raw' || fault !== null)
      throw unexpectedOutput(device, fault ?? `tensor ${tensor}`);
    if (!this.#outputs.has(tensor)) this.#outputs.set(tensor, { name: tensor, type, shape, data });
    if (this.#outputs.size === this.#expected.length) this.#completeAt ??= this.#clock.now();
  }

  /** A time that a device took. Throws ProtocolError when it concerns a stage or a transfer that is not the device's. */
  time(device: DeviceId, done: StageDone | TransferDone): void {
    if (done.kind === 'stage-done') this.#stageDone(device, done);
    else this.#transferDone(device, done);
  }

  /** Every device has said how long it took. */
  get isTimed(): boolean {
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
    this.#resolve({ outputs, stages, transfers, seconds: seconds(Math.max(0, taken)) });
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

  #stageDone(device: DeviceId, { stage, computeSeconds, busySeconds, queueSeconds }: StageDone): void {
    if (!this.deployment.stages.some((other) => other.stage === stage && other.device === device)) {
      throw unexpectedOutput(device, `the end of stage ${stage}`);
    }
    this.#timings.set(stage, { stage, device, computeSeconds, busySeconds, queueSeconds });
  }
}

const isBetweenAgents = ({ from, to }: Route): boolean => from !== null && to !== null;

function unexpectedOutput(device: DeviceId, what: string): ProtocolError {
  return new ProtocolError(
    `device ${device} sent the gateway ${what}, which the plan does not let it send`,
    'Run the same version of Tandem on every device.',
  );
}
