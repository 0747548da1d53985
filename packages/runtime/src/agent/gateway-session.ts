import {
  bytes,
  ConnectionError,
  type DeviceId,
  deployRefusal,
  errorRecord,
  type Party,
  RefusedError,
  ResourceError,
  type Seconds,
  seconds,
  type TandemError,
} from '@tandem/core';
import { checkDeployment } from '../gateway/deployment-check.ts';
import type { DeviceSensor } from '../sense/device-sensor.ts';
import { reportSensors } from '../sense/sensor-reports.ts';
import { Turns } from '../turns.ts';
import type { Channel, Received } from '../wire/channel.ts';
import { Deadlines } from '../wire/deadlines.ts';
import type { Cancel, Deploy, Message } from '../wire/message.ts';
import { underOwnSignal } from '../wire/on-abort.ts';
import { protocolVersion, wireLimits } from '../wire/protocol.ts';
import { Tasks } from '../wire/tasks.ts';
import { withinDeadline } from '../wire/within-deadline.ts';
import { AgentClock } from './agent-clock.ts';
import type { AgentContext } from './agent-options.ts';
import { agentPlanOf } from './agent-plan-of.ts';
import { DataPlane } from './data-plane.ts';
import { EventLog } from './event-log.ts';
import { unexpected } from './handshake.ts';
import { LinkRates } from './link-rates.ts';
import { LoadedPlans } from './loaded-plans.ts';
import { lost, PeerLinks } from './peer-links.ts';
import { SegmentIntake } from './segment-intake.ts';
import { StageDeciders } from './stage-deciders.ts';
import { TensorCoding } from './tensor-coding.ts';

/** Everything that an agent does for one gateway, from its welcome to its end; nothing of it outlives `end`. */
export class GatewaySession {
  readonly id: string;
  readonly device: DeviceId;
  readonly #context: AgentContext;
  readonly #gateway: Channel;
  readonly #life: AbortController = new AbortController();
  readonly #tasks: Tasks;
  readonly #deadlines: Deadlines;
  readonly #intake: SegmentIntake;
  readonly #plans: LoadedPlans;
  readonly #links: PeerLinks;
  readonly #plane: DataPlane;
  readonly #clock: AgentClock;
  readonly #rates: LinkRates = new LinkRates();
  readonly #deciders: StageDeciders;
  /** Offers, ends of segments, deployments and withdrawals, one at a time. */
  readonly #control: Turns = new Turns();
  #waitingControl = 0;
  readonly #inbound: Map<Channel, DeviceId> = new Map();
  readonly #events: EventLog = new EventLog(mostEvents);

  constructor(context: AgentContext, id: string, device: DeviceId, gateway: Channel) {
    const { clock, limits, store, executor, coder, spare, transport, token, clockName } = context;
    const { signal } = this.#life;
    this.id = id;
    this.device = device;
    this.#context = context;
    this.#gateway = gateway;
    this.#clock = new AgentClock(context.actuator);
    this.#tasks = new Tasks((error) => this.#report(error));
    const tasks = this.#tasks;
    this.#deadlines = new Deadlines({ clock, tasks, signal });
    this.#intake = new SegmentIntake(store, limits.arrivingSegments, signal);
    this.#plans = new LoadedPlans(device, executor, store, clock);
    this.#links = new PeerLinks({
      device,
      transport,
      clock,
      token,
      clockName,
      tasks,
      signal,
      dialSeconds: limits.dialSeconds,
      onAck: (from, { request, tensor, receivedSeconds }) => {
        this.#rates.acknowledged(from, request, tensor, receivedSeconds);
        this.#acknowledged(from, request, tensor);
      },
      onRelease: (from, { request }) => this.#plane.dispatch({ kind: 'released', from, request }),
      onLost: (peer, error) => this.#lose(peer, error),
    });
    this.#deciders = new StageDeciders({
      device,
      clock,
      rates: this.#rates,
      onNote: (note) => this.#say(this.#gateway, { kind: 'decision-note', ...note }),
    });
    this.#plane = new DataPlane({
      clock,
      limits,
      tasks,
      gateway,
      plans: this.#plans,
      device,
      events: this.#events,
      record: context.record,
      coding: new TensorCoding({ device, coder, plans: this.#plans, spare }),
      spare,
      deciders: this.#deciders,
      rates: this.#rates,
      peers: this.#links,
      inbound: (device) => this.#inboundOf(device),
      say: (channel, message) => this.#say(channel, message),
      answer: (message, body) => this.#send(this.#gateway, message, body),
    });
  }

  /** Serves the gateway until it leaves; throws when it breaks the protocol, is lost or falls silent. */
  async run(): Promise<void> {
    await this.#send(this.#gateway, this.#welcome());
    const { limits, sensor } = this.#context;
    if (sensor !== null) this.#tasks.start(() => this.#reportSensors(sensor));
    const limit = seconds(limits.silenceSeconds);
    const receive = (): Promise<Received | null> => this.#gateway.receive(this.#life.signal);
    for (;;) {
      const received = await this.#deadlines.within(limit, 'waiting for the gateway', receive);
      if (received === null || received.message.kind === 'goodbye') return;
      await this.#handle(received);
    }
  }

  /** Serves another agent that sends tensors here. Throws when it breaks the protocol. */
  async servePeer(peer: Peer, channel: Channel): Promise<void> {
    const { device } = peer;
    if (this.#inbound.size >= this.#context.limits.peers) throw tooManyPeers(this.#inbound.size);
    this.#inbound.set(channel, device);
    let error: TandemError = lost(device, 'it closed the connection');
    try {
      await this.#send(channel, this.#welcome());
      await underOwnSignal(this.#life.signal, (own) => this.#readTensors(peer, channel, own));
    } catch (cause) {
      if (this.#life.signal.aborted) return;
      error = lost(device, 'its connection ended', cause);
      throw cause;
    } finally {
      this.#inbound.delete(channel);
      if (![...this.#inbound.values()].includes(device)) this.#lose(device, error);
    }
  }

  async #reportSensors(sensor: DeviceSensor): Promise<void> {
    const { clock, limits, log, name } = this.#context;
    await reportSensors({
      sensor,
      clock,
      everySeconds: seconds(limits.sensorSeconds),
      tell: (reading) => this.#say(this.#gateway, { kind: 'sensed', reading }),
      log: (line) => log(`${name}: ${line}`),
      signal: this.#life.signal,
    });
  }

  /** Ends at once; `end` then waits for what runs. */
  abort(reason: TandemError): void {
    this.#life.abort(reason);
  }

  /** Frees all that the session holds; waits for running work, but not for ever. */
  async end(): Promise<void> {
    const { clock, limits } = this.#context;
    const gone = new ConnectionError('the gateway left', 'Connect again.');
    this.#plane.stop(gone);
    this.#life.abort(gone);
    for (const channel of this.#inbound.keys()) channel.abort();
    const never = new AbortController().signal;
    const deadline = {
      clock,
      signal: never,
      seconds: seconds(limits.cleanUpSeconds),
      what: 'ending a session',
    };
    await withinDeadline(deadline, async () => {
      await this.#tasks.settled();
      await this.#intake.close();
      await this.#plans.close();
      await this.#clock.release();
    }).catch((error: unknown) => this.#report(error));
  }

  /** The latest connection over which the device sends tensors here. */
  #inboundOf(device: DeviceId): Channel | null {
    return [...this.#inbound].findLast(([, sender]) => sender === device)?.[0] ?? null;
  }

  #welcome(): Message {
    const { pid, agentVersion, executor, coder } = this.#context;
    const { id: session, device } = this;
    const about = {
      device,
      pid,
      agentVersion,
      runtime: executor.name.slice(0, 64),
      lossless: coder.lossless,
    };
    return { kind: 'welcome', protocol: protocolVersion, session, ...about };
  }

  /** Tensors are decoded while the next ones come; a fault in one ends the reading of all. */
  async #readTensors(peer: Peer, channel: Channel, own: AbortController): Promise<void> {
    const { signal } = own;
    const arriving = new Set<Promise<void>>();
    for (;;) {
      while (arriving.size >= mostArriving) await Promise.race(arriving);
      const received = await channel.receive(signal);
      if (received === null || received.message.kind === 'goodbye') break;
      const task = this.#tasks.run(() =>
        this.#takeTensor(peer, channel, received)
          .catch((error: unknown) => own.abort(error))
          .finally(() => arriving.delete(task)),
      );
      arriving.add(task);
    }
    await Promise.all(arriving);
    signal.throwIfAborted();
  }

  async #takeTensor({ device, clock }: Peer, channel: Channel, received: Received): Promise<void> {
    const { message, body, receivedSeconds } = received;
    if (message.kind !== 'tensor') throw unexpected(message, 'tensor', `device ${device}`);
    const bodyBytes = bytes(body.length);
    await this.#plane.receive(device, { channel, receivedSeconds }, message, body);
    const { version, request, tensor, codec, rawBecause } = message;
    const taken = this.#sinceReady(clock, message.readySeconds);
    const way = { version, request, tensor, from: device };
    const transfer = { ...way, seconds: taken, bytes: bodyBytes, codec, rawBecause };
    this.#say(this.#gateway, { kind: 'transfer-done', ...transfer });
  }

  /** Two clocks are subtracted only where they are one. */
  #sinceReady(clockName: string, readySeconds: Seconds): Seconds | null {
    const { clock, clockName: ownName } = this.#context;
    if (clockName === '' || clockName !== ownName) return null;
    return seconds(Math.max(0, clock.now() - readySeconds));
  }

  async #handle({ message, body, receivedSeconds }: Received): Promise<void> {
    switch (message.kind) {
      case 'ping':
        return this.#say(this.#gateway, { kind: 'pong', nonce: message.nonce });
      case 'collect-trace':
        return this.#say(this.#gateway, this.#traced(message.nonce));
      case 'segment-offer':
        return this.#inTurn(() => this.#intake.offer(message.manifest));
      case 'segment-chunk':
        return await this.#intake.chunk(message.digest, message.part, body);
      case 'segment-end':
        return this.#inTurn(() => this.#intake.end(message.digest));
      case 'deploy':
        return this.#inTurn(() => this.#deploy(message, body));
      case 'set-clock':
        return this.#inTurn(() => this.#clock.set(message.clock));
      case 'withdraw':
        return this.#inTurn(() => this.#withdraw(message.version));
      case 'tensor':
        return await this.#plane.receive(null, { channel: this.#gateway, receivedSeconds }, message, body);
      case 'ack':
        return this.#acknowledged(null, message.request, message.tensor);
      case 'answered':
        return this.#deciders.answered(message);
      case 'collect-centres': {
        const { learned, matrix } = this.#deciders.learned(message.version, message.stage);
        this.#tasks.start(() => this.#send(this.#gateway, learned, matrix));
        return;
      }
      case 'cancel':
        return this.#cancelled(message);
      case 'freeze':
        return this.#plane.dispatch({ kind: 'frozen', version: message.version });
      case 'adopt':
        return this.#plane.adopt(message);
      default:
        throw unexpected(message, 'a request of a gateway', 'the gateway');
    }
  }

  #cancelled({ version, request, ticket }: Cancel): void {
    this.#plane.dispatch({ kind: 'cancelled', version, request, ticket });
  }

  #traced(nonce: number): Message {
    const { clock, clockName } = this.#context;
    const taken = this.#events.take(wireLimits.traceEvents);
    return { kind: 'traced', nonce, clock: clockName, nowSeconds: clock.now(), ...taken };
  }

  async #deploy({ deployment, peers, trace }: Deploy, body: Uint8Array<ArrayBuffer>): Promise<Message> {
    const { version } = deployment;
    try {
      const refusal = deployRefusal(this.#plane.state, version);
      if (refusal !== null) throw refusal;
      checkDeployment(deployment);
      const plan = agentPlanOf(deployment, this.device);
      this.#links.know(peers, deployment.pacedLinks);
      await this.#connect(plan.departures.flatMap(({ to }) => to));
      const stages = await this.#plans.load(deployment, this.#life.signal);
      this.#events.isOn ||= trace;
      this.#deciders.load(deployment, body);
      this.#plane.dispatch({ kind: 'deployed', plan });
      return { kind: 'deployed', version, stages };
    } catch (error) {
      return { kind: 'deploy-refused', version, error: errorRecord(error) };
    }
  }

  async #connect(parties: readonly Party[]): Promise<void> {
    const devices = new Set(parties.filter((party) => party !== null));
    await Promise.all([...devices].map((device) => this.#links.connect(device)));
  }

  async #withdraw(version: number): Promise<Message> {
    this.#plane.dispatch({ kind: 'withdrawn', version });
    this.#deciders.unload(version);
    await this.#plans.unload(version);
    return { kind: 'withdrawn', version };
  }

  #acknowledged(from: Party, request: number, tensor: string): void {
    this.#plane.dispatch({ kind: 'acknowledged', from, request, tensor });
  }

  #lose(peer: DeviceId, error: TandemError): void {
    this.#plane.dispatch({ kind: 'peer-lost', peer, error: error.toJSON() });
  }

  /** Runs after the control messages before it, so that reading goes on: pings are answered while a segment loads. */
  #inTurn(work: () => Promise<Message>): void {
    if (this.#waitingControl >= largestBacklog) throw tooManyControls(this.#waitingControl);
    this.#waitingControl++;
    this.#tasks.start(async () => {
      try {
        this.#say(this.#gateway, await this.#control.run(this.#life.signal, work));
      } finally {
        this.#waitingControl--;
      }
    });
  }

  #say(channel: Channel, message: Message): void {
    this.#tasks.start(() => this.#send(channel, message));
  }

  /** A peer that does not take a message in time loses its connection. */
  async #send(channel: Channel, message: Message, body?: Uint8Array<ArrayBuffer>): Promise<void> {
    const limit = seconds(this.#context.limits.sendSeconds);
    const what = `sending a '${message.kind}' message to ${channel.peer}`;
    try {
      await this.#deadlines.within(limit, what, () => channel.send(message, this.#life.signal, body));
    } catch (error) {
      channel.abort();
      throw error;
    }
  }

  #report(error: unknown): void {
    if (this.#life.signal.aborted) return;
    this.#context.log(`${this.#context.name}: ${errorRecord(error).message}`);
  }
}

/** Another agent, as it introduced itself. */
interface Peer {
  readonly device: DeviceId;
  /** AgentOptions.clockName */
  readonly clock: string;
}

const largestBacklog = 256;
/** Tensors of one peer that are decoded while the next is read. */
const mostArriving = 4;
/** Of a trace, until the gateway asks. */
const mostEvents = 500_000;

function tooManyPeers(count: number): RefusedError {
  return new RefusedError(
    `${count} agents are connected, expected fewer`,
    'Raise the limit of peers, or let fewer devices send to this one.',
  );
}

function tooManyControls(count: number): ResourceError {
  return new ResourceError(
    `${count} requests of the gateway wait for their turn, expected fewer`,
    'Wait for answers before asking for more.',
  );
}
