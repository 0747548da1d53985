import {
  CancelledError,
  type DeviceId,
  errorFromRecord,
  type Hertz,
  InvalidInputError,
  type Seconds,
  seconds,
  type TandemError,
  type Trace,
} from '@tandem/core';
import { checkToken } from '../agent/token.ts';
import { underEither } from '../either-signal.ts';
import type { TensorValue } from '../execute/executor.ts';
import type { SegmentSource } from '../segment/segment.ts';
import type { Received } from '../wire/channel.ts';
import type { DecisionNote } from '../wire/message.ts';
import { onAbort } from '../wire/on-abort.ts';
import { AgentLink, type AgentLinkEvents, named } from './agent-link.ts';
import {
  AnswerStream,
  type StreamDesk,
  type StreamItem,
  type StreamOptions,
  type StreamResult,
} from './answer-stream.ts';
import { checkInputs } from './check-inputs.ts';
import type { DeployOptions } from './deploy-options.ts';
import { Deployer, type LoadedStage } from './deployer.ts';
import type { Deployment } from './deployment.ts';
import { type DeviceClock, DeviceClocks } from './device-clocks.ts';
import { type GatewayContext, type GatewayOptions, gatewayContext } from './gateway-options.ts';
import { devicesOf, gatewayPlanOf } from './gateway-plan-of.ts';
import type { JoinedAgent } from './joined-agent.ts';
import { type Learned, learnedOf } from './learned.ts';
import type { Answer, PendingRequest } from './pending-request.ts';
import type { PlannedClock } from './planned-clocks.ts';
import { Rejoiner } from './rejoiner.ts';
import { RepairDesk } from './repair-desk.ts';
import { RequestPlane } from './request-plane.ts';
import { sensedTrace } from './sensed-trace.ts';
import { TraceCollector, type TraceFeed } from './trace-collector.ts';

/** Joins the agents of a cluster: gives them plans and requests, gets answers. It is not on the way between two agents. */
export interface Gateway {
  readonly agents: readonly JoinedAgent[];
  /** Aborts when the gateway is closed, by whomever. */
  readonly closed: AbortSignal;
  /**
   * Sends the segments that agents lack and has every agent of the deployment load its stages; requests use it from then on.
   * All or none: when one agent fails, the others withdraw it.
   */
  deploy(
    deployment: Deployment,
    segments: ReadonlyMap<string, SegmentSource>,
    options: DeployOptions,
  ): Promise<readonly LoadedStage[]>;
  /**
   * Runs one request under the latest deployment: the graph's inputs to its outputs. Settles exactly once: with the answer, or with
   * the error of the device that failed, ConnectionError when it was lost, DeadlineError, CancelledError.
   */
  request(inputs: readonly TensorValue[], options: RequestOptions): Promise<Answer>;
  /**
   * Runs many requests, several at a time, under the latest deployment. An item is taken from `items` when fewer than `window` are handed
   * in and not taken, so that whoever stops taking results stops the source. Every item gets one result, in order unless
   * `ordered` is false; a request that fails does not end the others. Throws InvalidInputError for a window that is none.
   */
  stream(
    items: Iterable<StreamItem> | AsyncIterable<StreamItem>,
    options: StreamOptions,
  ): AsyncGenerator<StreamResult, void, undefined>;
  /** What happened since the first deployment with `trace`, agents included; later calls give more. */
  trace(signal: AbortSignal): Promise<Trace>;
  /** The trace's events as they become known. */
  readonly feed: TraceFeed;
  /**
   * What a decision of the deployment has learned so far, to be deployed again after a restart; null where the version has no such stage.
   */
  centres(version: number, stage: number, signal: AbortSignal): Promise<Learned | null>;
  /** What devices did about the clocks that the latest deployment, or `setClock`, wants of them. */
  readonly clocks: readonly DeviceClock[];
  /** Another clock for a device whose clock the latest deployment sets, or is `known`; its stages stay as they are. */
  setClock(device: DeviceId, hertz: Hertz, signal: AbortSignal, known?: PlannedClock): Promise<DeviceClock>;
  /** Where the device's agent is from now on to be found, should it be lost: a deployment with `repair` takes it back into service. */
  readdress(device: DeviceId, address: string): void;
  /** Round trip of an empty message. */
  ping(device: DeviceId, signal: AbortSignal): Promise<Seconds>;
  /** Refuses requests of less priority, of every version, from now on, and sheds those that wait; null = none. */
  admitFrom(leastPriority: number | null): void;
  /** Has every agent forget the plan, once its requests in flight have ended. */
  withdraw(version: number, signal: AbortSignal): Promise<void>;
  /** Fails what is in flight and leaves every agent, which frees what it holds; idempotent. */
  close(): Promise<void>;
}

export interface RequestOptions {
  /** @default the deployment's requestTimeoutSeconds */
  readonly timeoutSeconds?: Seconds;
  /** The more, the sooner it is admitted, and the later it is shed. @default the deployment's */
  readonly priority?: number;
  /** The deployment to run under. @default the latest */
  readonly version?: number;
  readonly signal: AbortSignal;
}

/** Takes every agent of `addresses` into service, all or none. Throws ConnectionError or RefusedError naming the device. */
export async function connectGateway(options: GatewayOptions): Promise<Gateway> {
  checkToken(options.token);
  const gateway = new ConnectedGateway(gatewayContext(options));
  await gateway.join();
  return gateway;
}

class ConnectedGateway implements Gateway {
  readonly #context: GatewayContext;
  readonly #links: Map<DeviceId, AgentLink> = new Map();
  readonly #deployments: Map<number, Deployment> = new Map();
  readonly #plane: RequestPlane;
  readonly #traces: TraceCollector;
  readonly #deployer: Deployer;
  readonly #desk: RepairDesk;
  readonly #clocks: DeviceClocks;
  readonly #rejoiner: Rejoiner;
  readonly #events: AgentLinkEvents = {
    onMessage: (device, received) => this.#receive(device, received),
    onLost: (device, error) => this.#lose(device, error),
  };
  readonly #life: AbortController = new AbortController();
  readonly closed: AbortSignal = this.#life.signal;
  #current: Deployment | null = null;
  #closing: Promise<void> | null = null;

  constructor(context: GatewayContext) {
    this.#context = context;
    this.#plane = new RequestPlane({
      clock: context.clock,
      log: context.log,
      tell: async (device, message, body) => await this.#links.get(device)?.tell(message, body),
      record: context.record,
      trace: (event) => this.#traces.add(event),
    });
    this.#traces = new TraceCollector(context);
    const { clock, limits, log } = context;
    const links = (): AgentLink[] => this.#alive();
    const link = (device: DeviceId): AgentLink => this.#link(device);
    this.#deployer = new Deployer({ limits, traces: this.#traces, links, link });
    this.#clocks = new DeviceClocks({ link, limitSeconds: limits.storeSeconds });
    this.#rejoiner = new Rejoiner({
      context,
      events: this.#events,
      signal: this.#life.signal,
      onBack: (back) => this.#return(back),
    });
    this.#desk = new RepairDesk({
      isReliable: (device) => this.#rejoiner.isReliable(device),
      clock,
      log,
      links,
      plane: this.#plane,
      deployer: this.#deployer,
      signal: this.#life.signal,
      returnSeconds: seconds(limits.returnSeconds),
      doubtSeconds: seconds(limits.probeSeconds + limits.silenceSeconds),
      trace: (event) => this.#traces.add(event),
    });
  }

  get agents(): readonly JoinedAgent[] {
    return [...this.#links.values()].map(({ device, address, welcome }) => {
      const { pid, agentVersion, runtime } = welcome;
      return { device, address, pid, agentVersion, runtime };
    });
  }

  get clocks(): readonly DeviceClock[] {
    return this.#clocks.settings;
  }

  async setClock(...wanted: Parameters<Gateway['setClock']>): Promise<DeviceClock> {
    return await this.#clocks.set(...wanted);
  }

  async join(): Promise<void> {
    const { signal, addresses } = this.#context;
    signal.throwIfAborted();
    const joins = Object.keys(addresses).map(async (device) => {
      this.#links.set(device, await AgentLink.join(this.#context, device, this.#events, signal));
    });
    const failed = (await Promise.allSettled(joins)).find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') {
      await this.close();
      throw failed.reason;
    }
    signal.addEventListener('abort', () => void this.close(), { once: true, signal: this.#life.signal });
  }

  async deploy(
    deployment: Deployment,
    segments: ReadonlyMap<string, SegmentSource>,
    {
      signal,
      onProgress = () => undefined,
      trace,
      matrices,
      repairer,
      standBys = false,
      clocks = [],
      ...admission
    }: DeployOptions,
  ): Promise<readonly LoadedStage[]> {
    const loaded = await this.#deployer.deploy(deployment, segments, {
      signal,
      onProgress,
      ...(trace === undefined ? {} : { trace }),
      ...(matrices === undefined ? {} : { matrices }),
    });
    this.#deployments.set(deployment.version, deployment);
    this.#plane.deploy(gatewayPlanOf(deployment, admission));
    if (deployment.repair !== undefined)
      this.#desk.keep(deployment, { segments, admission, repairer }, standBys);
    this.#current = deployment;
    await this.#clocks.plan(clocks, signal);
    return loaded;
  }

  async request(inputs: readonly TensorValue[], options: RequestOptions): Promise<Answer> {
    const pending = this.#submit(inputs, options);
    try {
      return await pending.answer;
    } finally {
      this.#plane.take(pending);
    }
  }

  stream(
    items: Iterable<StreamItem> | AsyncIterable<StreamItem>,
    options: StreamOptions,
  ): AsyncGenerator<StreamResult, void, undefined> {
    const desk: StreamDesk = {
      submit: (item, life) => this.#submitItem(item, life),
      take: (pending) => this.#plane.take(pending),
    };
    const source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
    return new AnswerStream(desk, source, options).results(options.signal);
  }

  async trace(signal: AbortSignal): Promise<Trace> {
    await this.#traces.collect(this.#alive(), signal);
    return this.#traces.trace();
  }

  get feed(): TraceFeed {
    const collect = (signal: AbortSignal): Promise<void> => this.#traces.collect(this.#alive(), signal);
    return { collect, add: (event) => this.#traces.add(event), watch: (see) => this.#traces.watch(see) };
  }

  async ping(device: DeviceId, signal: AbortSignal): Promise<Seconds> {
    return await this.#link(device).ping(this.#context.limits.dialSeconds, signal);
  }

  readdress(device: DeviceId, address: string): void {
    this.#link(device);
    this.#rejoiner.readdress(device, address);
  }

  async centres(version: number, stage: number, signal: AbortSignal): Promise<Learned | null> {
    const device = this.#deployments.get(version)?.stages.find((other) => other.stage === stage)?.device;
    if (device === undefined) return null;
    const message = { kind: 'collect-centres', version, stage } as const;
    const key = `centres ${version} ${stage}`;
    const { storeSeconds: limit } = this.#context.limits;
    return learnedOf(await this.#link(device).askWithBody({ message, key, limit, signal }));
  }

  admitFrom(leastPriority: number | null): void {
    this.#plane.admitFrom(leastPriority);
  }

  async withdraw(version: number, signal: AbortSignal): Promise<void> {
    const deployment = this.#deployments.get(version);
    if (deployment === undefined) return;
    if (this.#current?.version === version) this.#current = null;
    const draining = this.#desk.versionsOf(deployment).flatMap((own) => this.#plane.unanswered(own));
    await underEither(signal, this.#context.signal, async () => {
      await Promise.allSettled(draining.map(({ answer }) => answer));
    });
    this.#deployments.delete(version);
    const versions = this.#desk.versionsOf(deployment);
    this.#desk.forget(deployment);
    for (const own of versions) {
      this.#plane.withdraw(own);
      await this.#deployer.withdraw(own, signal);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const closed = new CancelledError('the gateway was closed', 'Connect again.');
    this.#plane.stop(closed);
    this.#life.abort(closed);
    await Promise.all([this.#desk.settled(), this.#rejoiner.settled()]);
    await Promise.all([...this.#links.values()].map((link) => link.leave()));
  }

  #submit(inputs: readonly TensorValue[], { version, ...options }: RequestOptions): PendingRequest {
    if (this.#closing !== null) throw new CancelledError('the gateway was closed', 'Connect again.');
    const deployment = version === undefined ? this.#current : this.#deployments.get(version);
    if (deployment === null || deployment === undefined) throw notDeployed(version);
    checkInputs(deployment, inputs);
    const latest = this.#desk.latestOf(deployment);
    if (!this.#desk.isKept(latest))
      for (const device of devicesOf(latest)) this.#link(device).signal.throwIfAborted();
    return this.#plane.submit(latest, inputs, options);
  }

  #submitItem({ inputs, signal, ...options }: StreamItem, life: AbortSignal): PendingRequest {
    if (signal === undefined) return this.#submit(inputs, { signal: life, ...options });
    signal.throwIfAborted();
    const either = new AbortController();
    const forgets = [life, signal].map((one) => onAbort(one, () => either.abort(one.reason)));
    const pending = this.#submit(inputs, { signal: either.signal, ...options });
    const forget = (): void => forgets.forEach((each) => each());
    void pending.answer.then(forget, forget);
    return pending;
  }

  #receive(device: DeviceId, { message, body }: Received): void {
    switch (message.kind) {
      case 'failure':
        return this.#plane.fail(device, {
          ...message,
          error: named(device, errorFromRecord(message.error)).toJSON(),
        });
      case 'exit':
        return this.#plane.exit(device, message);
      case 'decision-note':
        return this.#noted(device, message);
      case 'accuse':
        return this.#desk.accuse(device, this.#links.get(message.device));
      case 'overdue':
        return this.#links.get(device)?.overdue(message.seconds);
      case 'sensed':
        return this.#traces.add(sensedTrace(device, message, this.#context.clock.now()));
      case 'ack':
        return this.#plane.acknowledged(device, message.request, message.tensor);
      case 'tensor':
        return this.#plane.receive(device, message, body);
      case 'stage-done':
      case 'transfer-done':
        return this.#plane.time(device, message);
      default:
        return;
    }
  }

  #noted(device: DeviceId, { stage, note }: DecisionNote): void {
    if (note !== null) this.#context.log(`device ${device}, stage ${stage}: ${note}`);
  }

  #lose(device: DeviceId, error: TandemError): void {
    this.#context.log(error.message);
    this.#plane.lose(device, error);
    if (this.#desk.isNeeded) this.#rejoiner.lost(device);
    this.#desk.lost(device);
  }

  async #return(link: AgentLink): Promise<void> {
    const { device } = link;
    this.#links.set(device, link);
    this.#context.log(`device ${device} is back`);
    this.#traces.add({ kind: 'device-back', atSeconds: this.#context.clock.now(), device });
    this.#desk.look();
    await this.#clocks.returned(device, this.#life.signal);
  }

  #alive(): AgentLink[] {
    return [...this.#links.values()].filter((link) => !link.signal.aborted);
  }

  #link(device: DeviceId): AgentLink {
    const link = this.#links.get(device);
    if (link !== undefined) return link;
    throw new InvalidInputError(
      `device '${device}' has not joined, expected one of ${[...this.#links.keys()].join(', ')}`,
      "Give the gateway an address for every device of the plan's cluster.",
    );
  }
}

function notDeployed(version: number | undefined): InvalidInputError {
  const what = version === undefined ? 'no plan' : `no plan of version ${version}`;
  return new InvalidInputError(`${what} is deployed`, 'Deploy one, then send requests.');
}
