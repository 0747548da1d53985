import {
  type AgentAction,
  type AgentEvent,
  type AgentState,
  bytes,
  CancelledError,
  type DeviceId,
  errorRecord,
  initialAgentState,
  isBare,
  type Party,
  type RunningStage,
  seconds,
  stepAgent,
} from '@tandem/core';
import { Alarm } from '../alarm.ts';
import type { TensorValue } from '../execute/executor.ts';
import type { Channel } from '../wire/channel.ts';
import type { AgentTraceEvent, TensorMessage } from '../wire/message.ts';
import type { Adopt } from '../wire/repair-message.ts';
import type { StageTimes } from '../wire/stage-times.ts';
import { checkArrival } from './check-arrival.ts';
import type { DataPlaneOptions } from './data-plane-options.ts';
import { HeldTensors } from './held-tensors.ts';
import { type PreparedRun, runStage } from './run-stage.ts';
import type { CodedTensor } from './tensor-coding.ts';

type Action<Kind extends AgentAction['kind']> = Extract<AgentAction, { kind: Kind }>;

/** Omit alone would merge the kinds. */
type Untimed<Event> = Event extends AgentTraceEvent ? Omit<Event, 'atSeconds'> : never;

type UncodedTensor = Omit<TensorMessage, 'codec' | 'rawBecause'>;

/** What of a request needs ending: its sends and executions, and where its acknowledgements go. */
interface RequestLife {
  readonly controller: AbortController;
  readonly origins: Map<string, Origin>;
}

/** Where a tensor came from, and how long its bytes took to come. */
export interface Origin {
  readonly channel: Channel;
  readonly receivedSeconds: number | null;
}

/** A tensor of one request, as it comes in or is made. */
export interface RequestValue {
  readonly request: number;
  readonly value: TensorValue;
}

/** Does what the schedule (core/schedule) says: holds the bytes, executes, sends. */
export class DataPlane {
  readonly #options: DataPlaneOptions;
  readonly #held: HeldTensors;
  readonly #lives: Map<number, RequestLife> = new Map();
  /** Of the stage that ends just now, by request: the first of its outputs that sets out to the gateway takes them with it. */
  readonly #times: Map<number, StageTimes> = new Map();
  readonly #stopped: AbortController = new AbortController();
  #state: AgentState;
  readonly #alarm: Alarm;

  constructor(options: DataPlaneOptions) {
    this.#options = options;
    this.#held = new HeldTensors(options.spare);
    const { requests, plans } = options.limits;
    this.#state = initialAgentState({ requests, plans });
    this.#alarm = new Alarm(options.clock, options.tasks, () => this.dispatch({ kind: 'tick' }));
  }

  get state(): AgentState {
    return this.#state;
  }

  /**
   * Decodes the tensor and tells the schedule. Throws ProtocolError when the plan does not let this party send this tensor in this
   * form.
   */
  async receive(
    from: Party,
    origin: Origin,
    message: TensorMessage,
    body: Uint8Array<ArrayBuffer>,
  ): Promise<void> {
    checkArrival(this.#state, this.#options.plans, from, message);
    const { version, request, ticket, tensor, type, shape, codec } = message;
    const { device: to, plans, coding } = this.#options;
    this.#note({ kind: 'tensor-arrived', version, request, tensor, from, to });
    const isKnown = plans.deployment(version) !== null;
    if (isKnown) coding.checkCodec(from, message);
    const data = isKnown && !isBare(codec) ? await this.#decode(message, body) : body;
    const value = { name: tensor, type, shape, data };
    const event = { kind: 'tensor-arrived', from, version, request, ticket, tensor } as const;
    this.dispatch(event, [{ request, value }], origin);
  }

  /** What is held for the request's former number is its own from now on. */
  adopt({ version, request, ticket, tensor, formerly }: Adopt): void {
    const value = this.#held.adopt(formerly, tensor);
    if (value === null) return;
    const here = { kind: 'tensor-arrived', from: this.#options.device } as const;
    this.dispatch({ ...here, version, request, ticket, tensor }, [{ request, value }]);
  }

  /** Feeds one event to the schedule; `values` are the bytes that came with it. */
  dispatch(event: AgentEvent, values: readonly RequestValue[] = [], origin: Origin | null = null): void {
    void this.#step(event, values, origin);
  }

  /** Gives for each tensor that sets out to a device what resolves when it has left. */
  #step(event: AgentEvent, values: readonly RequestValue[], origin: Origin | null): Promise<void>[] {
    if (this.#stopped.signal.aborted) return [];
    const now = this.#options.clock.now();
    const { state, actions, wakeAt } = stepAgent(this.#state, event, now);
    this.#options.record({ event, now, actions });
    this.#state = state;
    const leaving = actions.flatMap((action) => {
      if (action.kind === 'send') return [this.#leave(action)];
      this.#perform(action, values, origin);
      return [];
    });
    this.#alarm.set(wakeAt);
    return leaving;
  }

  /** Aborts all that runs and lets go of every tensor. */
  stop(reason: unknown): void {
    this.#stopped.abort(reason);
    for (const life of this.#lives.values()) life.controller.abort(reason);
    this.#lives.clear();
    this.#held.clear();
    this.#alarm.stop();
  }

  async #decode(message: TensorMessage, body: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    const { version, request, tensor } = message;
    const { coding, device } = this.#options;
    const work = { version, request, device, tensor };
    this.#note({ kind: 'decode-start', ...work });
    const data = await coding.decode(message, body, this.#stopped.signal);
    this.#note({ kind: 'decode-end', ...work });
    return data;
  }

  #note(event: Untimed<AgentTraceEvent>): void {
    const { events, clock } = this.#options;
    if (events.isOn) events.add({ ...event, atSeconds: clock.now() });
  }

  #leave(action: Action<'send' | 'deliver'>): Promise<void> {
    return this.#options.tasks.run(() =>
      this.#held.whileLeaving(action.request, action.tensor, () => this.#transmit(action)),
    );
  }

  #perform(
    action: Exclude<AgentAction, Action<'send'>>,
    values: readonly RequestValue[],
    origin: Origin | null,
  ): void {
    switch (action.kind) {
      case 'keep':
        return this.#keep(action, values, origin);
      case 'drop':
        return this.#drop(action);
      case 'deliver':
        return void this.#leave(action);
      case 'execute':
        return this.#execute(action);
      case 'acknowledge':
        return this.#acknowledge(action);
      case 'fail':
        return this.#fail(action);
      case 'release':
        return this.#release(action);
      case 'holding':
      case 'overdue':
        return this.#options.say(this.#options.gateway, action);
      case 'accuse':
        return this.#accuse(action);
      case 'blocked':
      case 'unblocked': {
        const { kind, version, stage } = action;
        return this.#note({ kind, version, stage, device: this.#options.device });
      }
      case 'exit':
        return this.#exit(action);
      case 'end':
        return this.#end(action);
    }
  }

  #keep({ request, tensor }: Action<'keep'>, values: readonly RequestValue[], origin: Origin | null): void {
    const value = values.find((one) => one.request === request && one.value.name === tensor)?.value;
    if (value === undefined) return;
    this.#held.keep(request, { value, since: this.#options.clock.now() });
    if (origin !== null) this.#life(request).origins.set(tensor, origin);
  }

  #drop({ request, tensor }: Action<'drop'>): void {
    const value = this.#held.drop(request, tensor);
    if (value !== null) this.#options.tasks.start(() => this.#options.coding.left(value));
  }

  /** The bytes stay where they are: the schedule keeps them until the receiver has acknowledged them. */
  async #transmit(action: Action<'send' | 'deliver'>): Promise<void> {
    const { version, request, ticket, tensor } = action;
    const held = this.#held.find(request, tensor);
    if (held === null) return;
    const { value } = held;
    const { type, shape, data } = value;
    const readySeconds = this.#options.clock.now();
    const content = { kind: 'tensor', version, request, ticket, tensor, type, shape, readySeconds } as const;
    if (action.kind === 'send') return await this.#sendToPeer(action.to, content, value);
    const way = { version, request, tensor, from: this.#options.device, to: null };
    this.#note({ kind: 'transfer-start', ...way, bytes: bytes(data.length) });
    const times = this.#times.get(request);
    this.#times.delete(request);
    const told = times === undefined ? {} : { times };
    await this.#options.answer({ ...content, codec: { kind: 'raw' }, rawBecause: null, ...told }, data);
    this.#note({ kind: 'transfer-end', ...way });
  }

  async #sendToPeer(device: DeviceId, content: UncodedTensor, value: TensorValue): Promise<void> {
    const { version, request } = content;
    const { signal } = this.#life(request).controller;
    const limit = this.#options.plans.deployment(version)?.requestTimeoutSeconds ?? seconds(0);
    try {
      const { body, ...coded } = await this.#encode(content, device, value, signal);
      const way = { version, request, tensor: value.name, from: this.#options.device, to: device };
      const { clock, peers, rates } = this.#options;
      let start = clock.now();
      const onStart = (): void => {
        start = clock.now();
        this.#note({ kind: 'transfer-start', ...way, bytes: bytes(body.length) });
      };
      await peers.send(device, { ...content, ...coded }, body, { limit, signal, onStart });
      rates.sent(device, request, value.name, body.length, clock.now() - start);
      this.#note({ kind: 'transfer-end', ...way });
    } catch (error) {
      if (!signal.aborted) this.dispatch({ kind: 'peer-lost', peer: device, error: errorRecord(error) });
    }
  }

  #encode(
    { version, request, tensor }: UncodedTensor,
    to: DeviceId,
    value: TensorValue,
    signal: AbortSignal,
  ): Promise<CodedTensor> {
    const { coding, device, deciders } = this.#options;
    const work = { version, request, device, tensor };
    const bits = deciders.bitsOf(request, tensor, to);
    if (bits !== null) this.#note({ kind: 'bits', version, request, tensor, bits });
    const note = (kind: 'encode-start' | 'encode-end'): void => this.#note({ kind, ...work });
    return coding.encode({ version, to, bits }, value, { signal, note });
  }

  #execute({ version, stage, members }: Action<'execute'>): void {
    const start = this.#options.clock.now();
    const prepared = members.map(({ request, inputs }): PreparedRun => {
      const kept = inputs.map(({ tensor }) => this.#held.find(request, tensor)?.since ?? start);
      const queueSeconds = seconds(Math.max(0, start - Math.max(...kept)));
      const taken = inputs.map(({ tensor, handOver }): [string, TensorValue | null] => {
        return [tensor, this.#held.take(request, tensor, handOver)];
      });
      return { version, stage, request, inputs: new Map(taken), queueSeconds };
    });
    const [first, ...others] = prepared;
    if (first === undefined) return;
    const running = { version, stage, requests: prepared.map(({ request }) => request) };
    this.#note({ kind: 'stage-start', ...running, device: this.#options.device });
    this.#options.tasks.start(() => this.#run(running, [first, ...others]));
  }

  /** The end of one request of several is no reason to stop the others. */
  #signalOf({ requests: [request, ...others] }: RunningStage): AbortSignal {
    const isOne = request !== undefined && others.length === 0;
    return isOne ? this.#life(request).controller.signal : this.#stopped.signal;
  }

  async #run(running: RunningStage, prepared: readonly [PreparedRun, ...PreparedRun[]]): Promise<void> {
    const [first] = prepared;
    const outputs: RequestValue[] = [];
    const exits: number[] = [];
    const times = new Map<number, StageTimes>();
    try {
      const results = await runStage(this.#options, prepared, this.#signalOf(running));
      for (const [member, { computeSeconds, busySeconds, outputs: values }] of results.entries()) {
        const { version, stage, request, queueSeconds } = prepared[member] ?? first;
        const took = { stage, computeSeconds, busySeconds, queueSeconds };
        const { deciders, spare } = this.#options;
        const ownSeconds = busySeconds / results.length;
        if (deciders.decide({ version, stage, request }, values, ownSeconds).exit === null) {
          times.set(request, took);
          outputs.push(...values.map((value) => ({ request, value })));
          continue;
        }
        this.#tell(version, [[request, took]]);
        exits.push(request);
        for (const { data } of values) spare.give(data);
      }
      this.#note({ kind: 'stage-end', ...running, device: this.#options.device });
      const answered = exits.length === 0 ? {} : { exits };
      const completed = { kind: 'stage-completed', stage: running, ...answered } as const;
      // The gateway wants the times with an answer; the next stage does not have to wait for them.
      if (!this.#options.plans.isAnswerNear(running.version, running.stage)) {
        await Promise.all(this.#step(completed, outputs, null));
        return this.#tell(running.version, times);
      }
      for (const [request, took] of times) this.#times.set(request, took);
      this.dispatch(completed, outputs);
      this.#tell(running.version, this.#times);
      this.#times.clear();
    } catch (error) {
      this.#note({ kind: 'stage-end', ...running, device: this.#options.device });
      this.dispatch({ kind: 'stage-failed', stage: running, error: errorRecord(error) });
    }
  }

  #tell(version: number, times: Iterable<[number, StageTimes]>): void {
    if (this.#stopped.signal.aborted) return;
    const { gateway, say } = this.#options;
    for (const [request, took] of times) say(gateway, { kind: 'stage-done', version, request, ...took });
  }

  #acknowledge({ version, request, tensor }: Action<'acknowledge'>): void {
    const origins = this.#lives.get(request)?.origins;
    const origin = origins?.get(tensor);
    origins?.delete(tensor);
    if (origin === undefined) return;
    const receivedSeconds = origin.receivedSeconds === null ? null : seconds(origin.receivedSeconds);
    this.#options.say(origin.channel, { kind: 'ack', version, request, tensor, receivedSeconds });
  }

  #release({ to, version, request }: Action<'release'>): void {
    const { inbound, say } = this.#options;
    const channel = inbound(to);
    if (channel !== null) say(channel, { kind: 'release', version, request });
  }

  #accuse({ peer, error }: Action<'accuse'>): void {
    const { gateway, say } = this.#options;
    if (peer !== null) say(gateway, { kind: 'accuse', device: peer, error });
  }

  #exit({ version, request, stage }: Action<'exit'>): void {
    const { deciders, device, gateway, say } = this.#options;
    const exit = deciders.exitOf(request);
    if (exit === null) return;
    this.#note({ kind: 'exit', version, request, stage, device });
    say(gateway, { kind: 'exit', version, request, stage, ...exit });
  }

  #fail({ version, request, error }: Action<'fail'>): void {
    this.#options.say(this.#options.gateway, { kind: 'failure', version, request, error });
  }

  #end({ request, outcome }: Action<'end'>): void {
    const life = this.#lives.get(request);
    this.#lives.delete(request);
    this.#options.deciders.end(request, outcome);
    // What was acknowledged has left, though its sender may have yet to learn that.
    if (outcome === 'done') return;
    life?.controller.abort(
      new CancelledError(`request ${request} ended: ${outcome}`, 'Send it again if it is still wanted.'),
    );
  }

  #life(request: number): RequestLife {
    const existing = this.#lives.get(request);
    if (existing !== undefined) return existing;
    const life = { controller: new AbortController(), origins: new Map<string, Origin>() };
    this.#lives.set(request, life);
    return life;
  }
}
