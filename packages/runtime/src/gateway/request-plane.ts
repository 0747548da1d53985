import {
  bytes,
  type Clock,
  type DeviceId,
  type ErrorRecord,
  errorFromRecord,
  type GatewayAction,
  type GatewayEvent,
  type GatewayPlan,
  type GatewayRecord,
  initialGatewayState,
  type Seconds,
  seconds,
  stepGateway,
  type TandemError,
  type TraceEvent,
} from '@tandem/core';
import { Alarm } from '../alarm.ts';
import type { TensorValue } from '../execute/executor.ts';
import type {
  ExitMessage,
  Failure,
  Message,
  StageDone,
  TensorMessage,
  TransferDone,
} from '../wire/message.ts';
import { onAbort } from '../wire/on-abort.ts';
import { Tasks } from '../wire/tasks.ts';
import { decidingDevices } from './deployed-decision.ts';
import type { Deployment } from './deployment.ts';
import { actionTraces, eventTraces } from './gateway-traces.ts';
import { PendingRequest } from './pending-request.ts';

export interface RequestPlaneOptions {
  readonly clock: Clock;
  /** Resolves when it has left; a failure ends the device's link, which `lose` then hears of. Does nothing where the link has ended. */
  readonly tell: (device: DeviceId, message: Message, body?: Uint8Array<ArrayBuffer>) => Promise<void>;
  readonly record: (step: GatewayRecord) => void;
  readonly trace: (event: TraceEvent) => void;
  readonly log: (line: string) => void;
}

export interface SubmitOptions {
  /** From the submission to the answer. @default the deployment's requestTimeoutSeconds */
  readonly timeoutSeconds?: Seconds;
  /** The more, the sooner it is admitted. @default the deployment's */
  readonly priority?: number;
  readonly signal: AbortSignal;
}

type Action<Kind extends GatewayAction['kind']> = Extract<GatewayAction, { kind: Kind }>;

/** How long an answer waits for the times of stages whose devices are slow to tell them. */
const timesSeconds = seconds(1);

/** Does what the gateway's schedule (core/schedule) says: holds inputs and answers, sends, hands out. */
export class RequestPlane {
  readonly #options: RequestPlaneOptions;
  readonly #state = initialGatewayState();
  readonly #pending: Map<number, PendingRequest> = new Map();
  /** Answered, but not all times are here. */
  readonly #untimed: Map<PendingRequest, AbortController> = new Map();
  readonly #tasks: Tasks = new Tasks(() => undefined);
  readonly #alarm: Alarm;
  #lastRequest = 0;

  constructor(options: RequestPlaneOptions) {
    this.#options = options;
    this.#alarm = new Alarm(options.clock, this.#tasks, () => this.#dispatch({ kind: 'tick' }));
  }

  deploy(plan: GatewayPlan): void {
    this.#dispatch({ kind: 'deployed', plan });
  }

  withdraw(version: number): void {
    this.#dispatch({ kind: 'withdrawn', version });
  }

  /** Requests of the version that have neither been answered nor failed. */
  unanswered(version: number): readonly PendingRequest[] {
    return [...this.#pending.values()].filter(
      (pending) => pending.deployment.version === version && !pending.isComplete,
    );
  }

  /** Nothing is admitted or sent under the version any more, because its requests will be moved. */
  suspend(version: number): void {
    this.#dispatch({ kind: 'suspended', version });
  }

  /** The request goes on under another deployment, as another number. */
  move(pending: PendingRequest, deployment: Deployment): void {
    const request = pending.number;
    const as = ++this.#lastRequest;
    this.#pending.delete(request);
    pending.move(as, deployment);
    this.#pending.set(as, pending);
    this.#dispatch({ kind: 'moved', request, version: deployment.version, as });
  }

  /** Fails the version's requests, and those to come. */
  abandon(version: number, error: ErrorRecord): void {
    this.#dispatch({ kind: 'abandoned', version, error });
  }

  /** Hands a request in. Its answer counts as in flight until `take`. The inputs' buffers are only read, until it has ended. */
  submit(
    deployment: Deployment,
    inputs: readonly TensorValue[],
    { timeoutSeconds, priority, signal }: SubmitOptions,
  ): PendingRequest {
    signal.throwIfAborted();
    const pending = new PendingRequest(++this.#lastRequest, deployment, inputs, this.#options.clock);
    this.#pending.set(pending.number, pending);
    const forget = onAbort(signal, () => this.#cancel(pending, signal.reason));
    void pending.answer.then(forget, forget);
    const { version } = deployment;
    const timeout = timeoutSeconds === undefined ? {} : { timeoutSeconds };
    const importance = priority === undefined ? {} : { priority };
    this.#dispatch({ kind: 'submitted', version, request: pending.number, ...timeout, ...importance });
    return pending;
  }

  /** Requests of less priority are refused from now on, and shed where they wait; null = none are. */
  admitFrom(leastPriority: number | null): void {
    this.#dispatch({ kind: 'admission', leastPriority });
  }

  /** The client has the answer, or the failure. */
  take({ number, first, deployment }: PendingRequest): void {
    if (this.#pending.delete(number)) this.#noteTaken(deployment.version, first);
    this.#dispatch({ kind: 'taken', request: number });
  }

  /** An output. Throws ProtocolError when the plan does not let the device send it. */
  receive(device: DeviceId, message: TensorMessage, body: Uint8Array<ArrayBuffer>): void {
    const { version, request, tensor } = message;
    const pending = this.#pending.get(request);
    if (pending?.deployment.version === version) pending.accept(device, message, body);
    this.#dispatch({ kind: 'output-arrived', from: device, version, request, tensor });
  }

  /** How long a device took. Throws ProtocolError when that is not the device's to say. */
  time(device: DeviceId, done: StageDone | TransferDone): void {
    const pending = this.#pending.get(done.request);
    if (pending?.deployment.version !== done.version) return;
    pending.time(device, done);
    if (pending.isTimed) this.#untimed.get(pending)?.abort();
  }

  /** A stage has answered a request. Throws ProtocolError when that is not the device's to say. */
  exit(device: DeviceId, { version, request, stage, label, score }: ExitMessage): void {
    const pending = this.#pending.get(request);
    if (pending?.deployment.version === version) pending.leave({ device, stage, label, score });
    this.#dispatch({ kind: 'exited', version, request });
  }

  acknowledged(from: DeviceId, request: number, tensor: string): void {
    this.#dispatch({ kind: 'acknowledged', from, request, tensor });
  }

  /** A device reports that a request failed there. */
  fail(device: DeviceId, { version, request, error }: Failure): void {
    if (version !== null && request !== null && this.#pending.has(request))
      this.#dispatch({ kind: 'failed', version, request, error });
    else this.#options.log(`device ${device} reports: ${error.message}`);
  }

  lose(peer: DeviceId, error: TandemError): void {
    for (const untimed of this.#untimed.values()) untimed.abort();
    this.#dispatch({ kind: 'peer-lost', peer, error: error.toJSON() });
  }

  /** Fails everything. */
  stop(reason: unknown): void {
    this.#alarm.stop();
    for (const untimed of this.#untimed.values()) untimed.abort();
    for (const pending of this.#pending.values()) pending.fail(reason);
    this.#pending.clear();
  }

  #cancel(pending: PendingRequest, reason: unknown): void {
    pending.fail(reason);
    this.#dispatch({ kind: 'cancelled', request: pending.number });
    this.#pending.delete(pending.number);
  }

  #dispatch(event: GatewayEvent): void {
    const now = this.#options.clock.now();
    const { actions, wakeAt } = stepGateway(this.#state, event, now);
    this.#options.record({ event, now, actions });
    this.#note(event, actions, now);
    for (const action of actions) this.#perform(action);
    this.#alarm.set(wakeAt);
  }

  #note(event: GatewayEvent, actions: readonly GatewayAction[], atSeconds: Seconds): void {
    const { trace } = this.#options;
    const told = [...eventTraces(event), ...actions.flatMap((action) => actionTraces(action))];
    for (const noted of told) trace({ ...this.#asFirst(noted), atSeconds });
  }

  /** A moved request is one request, whatever its number is by now. */
  #asFirst<Noted extends object>(noted: Noted): Noted {
    if (!('request' in noted) || typeof noted.request !== 'number') return noted;
    return { ...noted, request: this.#pending.get(noted.request)?.first ?? noted.request };
  }

  #noteTaken(version: number, request: number): void {
    const atSeconds = this.#options.clock.now();
    this.#options.trace({ kind: 'taken', version, request, atSeconds });
  }

  #perform(action: GatewayAction): void {
    switch (action.kind) {
      case 'admit':
        return this.#admit(action);
      case 'adopt': {
        const { to, ...adoption } = action;
        return void this.#options.tell(to, adoption);
      }
      case 'complete':
        return this.#tellAnswer(action);
      case 'send':
        return this.#send(action);
      case 'acknowledge': {
        const { to, version, request, tensor } = action;
        return void this.#options.tell(to, {
          kind: 'ack',
          version,
          request,
          tensor,
          receivedSeconds: null,
        });
      }
      case 'answer':
        return this.#answer(action.request);
      case 'fail':
        return this.#failed(action);
      case 'tell-ended': {
        const { to, version, request, ticket } = action;
        for (const device of to)
          void this.#options.tell(device, { kind: 'cancel', version, request, ticket });
      }
    }
  }

  /** Devices that decide about requests learn from the answers of the model as a whole. */
  #tellAnswer({ version, request }: Action<'complete'>): void {
    const pending = this.#pending.get(request);
    const label = pending?.label ?? null;
    if (pending === undefined || label === null) return;
    const { slowerSeconds } = pending;
    for (const device of decidingDevices(pending.deployment))
      void this.#options.tell(device, { kind: 'answered', version, request, label, slowerSeconds });
  }

  #admit({ request, ticket }: Action<'admit'>): void {
    const pending = this.#pending.get(request);
    if (pending !== undefined) pending.ticket = ticket;
  }

  #send({ to, version, request, ticket, tensor }: Action<'send'>): void {
    const { clock, tell, trace } = this.#options;
    const input = this.#pending.get(request)?.find(tensor);
    if (input === undefined) return;
    const { type, shape, data } = input;
    const readySeconds = clock.now();
    const content = { version, request, ticket, tensor, type, shape, readySeconds } as const;
    const coding = { codec: { kind: 'raw' }, rawBecause: null } as const;
    const way = { version, request, tensor, from: null, to };
    trace({ kind: 'transfer-start', atSeconds: readySeconds, ...way, bytes: bytes(data.length) });
    void tell(to, { kind: 'tensor', ...content, ...coding }, data).then(() =>
      trace({ kind: 'transfer-end', atSeconds: clock.now(), ...way }),
    );
  }

  #answer(request: number): void {
    const pending = this.#pending.get(request);
    if (pending === undefined) return;
    if (pending.isTimed) return pending.settle();
    const timed = new AbortController();
    this.#untimed.set(pending, timed);
    this.#tasks.start(async () => {
      await this.#options.clock.sleep(timesSeconds, timed.signal).catch(() => undefined);
      this.#untimed.delete(pending);
      pending.settle();
    });
  }

  #failed({ request, error }: Action<'fail'>): void {
    this.#pending.get(request)?.fail(errorFromRecord(error));
    this.#pending.delete(request);
  }
}
