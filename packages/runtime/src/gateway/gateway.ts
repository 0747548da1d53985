import {
  CancelledError,
  type DeviceId,
  errorFromRecord,
  InvalidInputError,
  ResourceError,
  type Seconds,
  type TandemError,
} from '@tandem/core';
import { checkToken } from '../agent/token.ts';
import { underEither } from '../either-signal.ts';
import type { TensorValue } from '../execute/executor.ts';
import type { SegmentSource } from '../segment/segment.ts';
import type { Received } from '../wire/channel.ts';
import type {
  DeployedPeer,
  Failure,
  Message,
  StageDone,
  TensorMessage,
  TransferDone,
} from '../wire/message.ts';
import { tensorFault } from '../wire/tensor-body.ts';
import { withinDeadline } from '../wire/within-deadline.ts';
import { AgentLink, named } from './agent-link.ts';
import type { Deployment } from './deployment.ts';
import { checkDeployment } from './deployment-check.ts';
import { defaultGatewayLimits, type GatewayContext, type GatewayOptions } from './gateway-options.ts';
import { type Answer, PendingRequest } from './pending-request.ts';
import { type SegmentProgress, sendSegments } from './send-segments.ts';

/** Joins the agents of a cluster: gives them plans and requests, gets answers. It is not on the way between two agents. */
export interface Gateway {
  readonly agents: readonly JoinedAgent[];
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
  /** Round trip of an empty message. */
  ping(device: DeviceId, signal: AbortSignal): Promise<Seconds>;
  /** Has every agent forget the plan, once its requests in flight have ended. */
  withdraw(version: number, signal: AbortSignal): Promise<void>;
  /** Fails what is in flight and leaves every agent, which frees what it holds; idempotent. */
  close(): Promise<void>;
}

export interface JoinedAgent {
  readonly device: DeviceId;
  readonly address: string;
  /** 0 where the agent's platform has none. */
  readonly pid: number;
  readonly agentVersion: string;
  readonly runtime: string;
}

export interface DeployOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: SegmentProgress) => void;
}

export interface RequestOptions {
  /** @default the deployment's requestTimeoutSeconds */
  readonly timeoutSeconds?: Seconds;
  /** The deployment to run under. @default the latest */
  readonly version?: number;
  readonly signal: AbortSignal;
}

export interface LoadedStage {
  readonly stage: number;
  readonly device: DeviceId;
  readonly loadSeconds: Seconds;
}

/** Takes every agent of `addresses` into service, all or none. Throws ConnectionError or RefusedError naming the device. */
export async function connectGateway(options: GatewayOptions): Promise<Gateway> {
  checkToken(options.token);
  const limits = { ...defaultGatewayLimits, ...options.limits };
  const gateway = new ConnectedGateway({ log: () => undefined, ...options, limits });
  await gateway.join();
  return gateway;
}

class ConnectedGateway implements Gateway {
  readonly #context: GatewayContext;
  readonly #links: Map<DeviceId, AgentLink> = new Map();
  readonly #deployments: Map<number, Deployment> = new Map();
  readonly #pending: Map<number, PendingRequest> = new Map();
  #current: Deployment | null = null;
  #lastRequest = 0;
  /** By version: the next request's. */
  readonly #tickets: Map<number, number> = new Map();
  #closing: Promise<void> | null = null;

  constructor(context: GatewayContext) {
    this.#context = context;
  }

  get agents(): readonly JoinedAgent[] {
    return [...this.#links.values()].map(({ device, address, welcome }) => {
      const { pid, agentVersion, runtime } = welcome;
      return { device, address, pid, agentVersion, runtime };
    });
  }

  async join(): Promise<void> {
    const { signal, addresses } = this.#context;
    signal.throwIfAborted();
    const events = {
      onMessage: (device: DeviceId, received: Received) => this.#receive(device, received),
      onLost: (device: DeviceId, error: TandemError) => this.#lose(device, error),
    };
    const joins = Object.keys(addresses).map(async (device) => {
      this.#links.set(device, await AgentLink.join(this.#context, device, events, signal));
    });
    const failed = (await Promise.allSettled(joins)).find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') {
      await this.close();
      throw failed.reason;
    }
    signal.addEventListener('abort', () => void this.close(), { once: true });
  }

  async deploy(
    deployment: Deployment,
    segments: ReadonlyMap<string, SegmentSource>,
    { signal, onProgress = () => undefined }: DeployOptions,
  ): Promise<readonly LoadedStage[]> {
    checkDeployment(deployment);
    const links = this.#linksOf(deployment);
    const { storeSeconds } = this.#context.limits;
    const sending = { segments, storeSeconds, signal, onProgress };
    await allOrFirstError(links.map((link) => sendSegments(link, deployment, sending)));
    const loads = links.map((link) => this.#load(link, deployment, signal));
    try {
      const loaded = (await allOrFirstError(loads)).flat();
      this.#deployments.set(deployment.version, deployment);
      this.#current = deployment;
      return loaded.sort((left, right) => left.stage - right.stage);
    } catch (error) {
      await this.#retract(links, loads, deployment.version);
      throw error;
    }
  }

  async request(inputs: readonly TensorValue[], options: RequestOptions): Promise<Answer> {
    const pending = this.#open(inputs, options.version);
    const { clock } = this.#context;
    const limit = options.timeoutSeconds ?? pending.deployment.requestTimeoutSeconds;
    const deadline = { clock, seconds: limit, signal: options.signal, what: `request ${pending.number}` };
    try {
      return await withinDeadline(deadline, (signal) => this.#run(pending, inputs, signal));
    } catch (error) {
      pending.fail(error);
      const answer = await pending.answer.catch(() => null);
      if (answer !== null) return answer;
      this.#cancel(pending);
      throw error;
    } finally {
      this.#pending.delete(pending.number);
    }
  }

  async ping(device: DeviceId, signal: AbortSignal): Promise<Seconds> {
    const { heartbeatSeconds, unansweredPings } = this.#context.limits;
    return await this.#link(device).ping(heartbeatSeconds * unansweredPings, signal);
  }

  async withdraw(version: number, signal: AbortSignal): Promise<void> {
    const deployment = this.#deployments.get(version);
    if (deployment === undefined) return;
    if (this.#current?.version === version) this.#current = null;
    const draining = [...this.#pending.values()].filter((pending) => pending.deployment.version === version);
    await underEither(signal, this.#context.signal, async () => {
      await Promise.allSettled(draining.map(({ answer }) => answer));
    });
    this.#deployments.delete(version);
    this.#tickets.delete(version);
    const alive = [...this.#links.values()].filter((link) => !link.signal.aborted);
    await allOrFirstError(alive.map((link) => this.#withdrawFrom(link, version, signal)));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const reason = new CancelledError('the gateway was closed', 'Connect again.');
    for (const pending of this.#pending.values()) pending.fail(reason);
    await Promise.all([...this.#links.values()].map((link) => link.leave()));
  }

  #open(inputs: readonly TensorValue[], version: number | undefined): PendingRequest {
    if (this.#closing !== null) throw new CancelledError('the gateway was closed', 'Connect again.');
    const deployment = version === undefined ? this.#current : this.#deployments.get(version);
    if (deployment === null || deployment === undefined) throw notDeployed(version);
    checkInputs(deployment, inputs);
    if (this.#pending.size >= this.#context.limits.requests) throw tooMany(this.#pending.size);
    for (const link of this.#linksOf(deployment)) link.signal.throwIfAborted();
    const ticket = this.#tickets.get(deployment.version) ?? 0;
    this.#tickets.set(deployment.version, ticket + 1);
    const pending = new PendingRequest(++this.#lastRequest, ticket, deployment, this.#context.clock);
    this.#pending.set(pending.number, pending);
    return pending;
  }

  async #run(
    { number, ticket, deployment, answer }: PendingRequest,
    inputs: readonly TensorValue[],
    signal: AbortSignal,
  ): Promise<Answer> {
    const { version } = deployment;
    const sends = inputs.map(({ name, type, shape, data }) => {
      const source = deployment.routes.find(({ tensor, from }) => tensor === name && from === null)?.to ?? '';
      const tensor = { version, request: number, ticket, tensor: name, type, shape } as const;
      const coding = { codec: { kind: 'raw' }, rawBecause: null } as const;
      const readySeconds = this.#context.clock.now();
      return this.#link(source).send({ kind: 'tensor', ...tensor, ...coding, readySeconds }, signal, data);
    });
    const sent = Promise.all(sends).then(() => answer);
    return await Promise.race([answer, sent]);
  }

  /** What is still under way for the request is dropped everywhere. */
  #cancel({ number, ticket, deployment }: PendingRequest): void {
    const { version } = deployment;
    for (const link of this.#linksOf(deployment)) {
      if (!link.signal.aborted) link.tell({ kind: 'cancel', version, request: number, ticket });
    }
  }

  #receive(device: DeviceId, { message, body }: Received): void {
    if (message.kind === 'failure') return this.#fail(device, message);
    if (!isOfRequest(message)) return;
    const pending = this.#pending.get(message.request);
    const isCurrent = pending?.deployment.version === message.version;
    if (message.kind !== 'tensor') {
      if (isCurrent) pending.time(device, message);
      return;
    }
    if (isCurrent) pending.accept(device, message, body);
    const { version, request, tensor } = message;
    this.#link(device).tell({ kind: 'ack', version, request, tensor });
  }

  #fail(device: DeviceId, { version, request, error }: Failure): void {
    const failure = named(device, errorFromRecord(error));
    const pending = request === null ? undefined : this.#pending.get(request);
    if (pending?.deployment.version === version) pending?.fail(failure);
    else this.#context.log(`device ${device} reports: ${failure.message}`);
  }

  #lose(device: DeviceId, error: TandemError): void {
    this.#context.log(error.message);
    for (const pending of this.#pending.values()) {
      if (devicesOf(pending.deployment).has(device)) pending.fail(error);
    }
  }

  async #load(link: AgentLink, deployment: Deployment, signal: AbortSignal): Promise<readonly LoadedStage[]> {
    const { version } = deployment;
    const peers = [...this.#links.values()].map(({ device, address, welcome }): DeployedPeer => {
      return { device, address, session: welcome.session };
    });
    const { loadSeconds } = this.#context.limits;
    const message = { kind: 'deploy', deployment, peers } as const;
    const answer = await link.ask(message, `deploy ${version}`, loadSeconds, signal);
    if (answer.kind === 'deploy-refused') throw named(link.device, errorFromRecord(answer.error));
    const stages = answer.kind === 'deployed' ? answer.stages : [];
    return stages.map((stage) => ({ ...stage, device: link.device }));
  }

  /** Withdraws a version from every agent that took it on, once all have said whether they did. */
  async #retract(
    links: readonly AgentLink[],
    loads: readonly Promise<unknown>[],
    version: number,
  ): Promise<void> {
    const results = await Promise.allSettled(loads);
    const { signal } = new AbortController();
    const took = links.filter((link, at) => results[at]?.status === 'fulfilled' && !link.signal.aborted);
    await Promise.allSettled(took.map((link) => this.#withdrawFrom(link, version, signal)));
  }

  async #withdrawFrom(link: AgentLink, version: number, signal: AbortSignal): Promise<void> {
    const { storeSeconds } = this.#context.limits;
    await link.ask({ kind: 'withdraw', version }, `withdraw ${version}`, storeSeconds, signal);
  }

  #linksOf(deployment: Deployment): AgentLink[] {
    return [...devicesOf(deployment)].map((device) => this.#link(device));
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

function isOfRequest(message: Message): message is TensorMessage | StageDone | TransferDone {
  return message.kind === 'tensor' || message.kind === 'stage-done' || message.kind === 'transfer-done';
}

function devicesOf({ stages, routes }: Deployment): ReadonlySet<DeviceId> {
  const named = [...stages.map(({ device }) => device), ...routes.flatMap(({ from, to }) => [from, to])];
  return new Set(named.filter((device) => device !== null));
}

function checkInputs(deployment: Deployment, inputs: readonly TensorValue[]): void {
  const expected = deployment.routes.filter(({ from }) => from === null).map(({ tensor }) => tensor);
  const given = inputs.map(({ name }) => name);
  if (given.length !== expected.length || expected.some((name) => !given.includes(name))) {
    throw new InvalidInputError(
      `the request has the inputs [${given.join(', ')}], expected [${expected.join(', ')}]`,
      "Give each of the model's inputs once.",
    );
  }
  for (const input of inputs) {
    const declared = deployment.tensors.find(({ name }) => name === input.name);
    const fault = declared ? tensorFault(declared, input) : null;
    if (fault !== null)
      throw new InvalidInputError(`the request has ${fault}`, 'Prepare the input for this plan.');
  }
}

/** As Promise.all, but only once every one has ended, so that nothing goes on behind the caller's back. */
async function allOrFirstError<Result>(promises: readonly Promise<Result>[]): Promise<Result[]> {
  await Promise.allSettled(promises);
  return await Promise.all(promises);
}

function notDeployed(version: number | undefined): InvalidInputError {
  const what = version === undefined ? 'no plan' : `no plan of version ${version}`;
  return new InvalidInputError(`${what} is deployed`, 'Deploy one, then send requests.');
}

function tooMany(count: number): ResourceError {
  return new ResourceError(
    `${count} requests are in flight, expected fewer`,
    'Wait for answers before sending more, or raise the limit.',
  );
}
