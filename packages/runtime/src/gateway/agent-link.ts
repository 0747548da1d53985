import {
  CancelledError,
  ConnectionError,
  type DeviceId,
  errorFromRecord,
  InvalidInputError,
  ProtocolError,
  type Seconds,
  seconds,
  TandemError,
} from '@tandem/core';
import { refuse, sayHello, unexpected } from '../agent/handshake.ts';
import { lost } from '../agent/peer-links.ts';
import { askProcess } from '../probe/visit.ts';
import { Channel, type Received } from '../wire/channel.ts';
import { Deadlines } from '../wire/deadlines.ts';
import type { Message, Welcome } from '../wire/message.ts';
import { protocolVersion, wireLimits } from '../wire/protocol.ts';
import { Tasks } from '../wire/tasks.ts';
import { unlessAborted, withinDeadline } from '../wire/within-deadline.ts';
import { AgentWatch } from './agent-watch.ts';
import type { GatewayContext } from './gateway-options.ts';

export interface AgentLinkEvents {
  /** Every message that is no answer to `ask`; throwing costs the agent its connection. */
  readonly onMessage: (device: DeviceId, received: Received) => void;
  /** Called once, unless the gateway left by itself. */
  readonly onLost: (device: DeviceId, error: TandemError) => void;
}

/** Something that an agent answers, and for how many seconds that may take. */
export interface Question {
  readonly message: Message;
  readonly key: string;
  readonly limit: number;
  readonly signal: AbortSignal;
  readonly body?: Uint8Array<ArrayBuffer>;
}

/** The gateway's connection to one agent: questions with answers, messages, and signs of life. */
export class AgentLink {
  readonly device: DeviceId;
  readonly address: string;
  readonly welcome: Welcome;
  readonly #context: GatewayContext;
  readonly #channel: Channel;
  readonly #events: AgentLinkEvents;
  readonly #life: AbortController = new AbortController();
  readonly #tasks: Tasks = new Tasks(() => undefined);
  readonly #deadlines: Deadlines;
  readonly #questions: Map<string, (answer: Received) => void> = new Map();
  readonly #watch: AgentWatch;
  #filling = 0;
  #nonce = 0;
  #left = false;
  #onReadEnd: () => void = () => undefined;
  readonly #readEnded: Promise<void> = new Promise((resolve) => {
    this.#onReadEnd = resolve;
  });

  private constructor(
    context: GatewayContext,
    device: DeviceId,
    channel: Channel,
    welcome: Welcome,
    events: AgentLinkEvents,
  ) {
    this.device = device;
    this.address = context.addresses[device] ?? channel.peer;
    this.welcome = welcome;
    this.#context = context;
    this.#channel = channel;
    this.#events = events;
    this.#deadlines = new Deadlines({ clock: context.clock, tasks: this.#tasks, signal: this.#life.signal });
    this.#watch = new AgentWatch({
      clock: context.clock,
      tasks: this.#tasks,
      limits: context.limits,
      isExcused: () => this.#filling > 0,
      ping: () => void this.tell({ kind: 'ping', nonce: ++this.#nonce }),
      probe: (limit) => this.#isAlive(seconds(limit)),
      onChange: (change) => context.log(`device ${device} ${change}`),
      onLost: (why) => this.#lose(lost(device, why)),
    });
    this.#tasks.start(() => this.#read());
  }

  /** Dials the device's agent and takes it into service. Throws ConnectionError, or RefusedError with the agent's reason. */
  static async join(
    context: GatewayContext,
    device: DeviceId,
    events: AgentLinkEvents,
    signal: AbortSignal,
  ): Promise<AgentLink> {
    const { clock, token, limits } = context;
    const what = `connecting to device ${device}`;
    const deadline = { clock, signal, seconds: seconds(limits.dialSeconds), what };
    const channel = await dial(context, device, deadline);
    try {
      const greeting = { protocol: protocolVersion, token, device, session: '', clock: '' };
      const welcome = await sayHello(channel, { kind: 'hello', role: 'gateway', ...greeting }, deadline);
      if (welcome.device !== device) throw otherDevice(device, welcome.device);
      return new AgentLink(context, device, channel, welcome, events);
    } catch (error) {
      channel.abort();
      throw signal.aborted ? signal.reason : named(device, error);
    }
  }

  /** Aborts with the reason once the agent is lost. */
  get signal(): AbortSignal {
    return this.#life.signal;
  }

  /** Resolves when the message has left. Throws ConnectionError naming the device once it is lost. */
  async send(message: Message, signal: AbortSignal, body?: Uint8Array<ArrayBuffer>): Promise<void> {
    this.#life.signal.throwIfAborted();
    const what = `sending a '${message.kind}' message to device ${this.device}`;
    const limit = seconds(this.#context.limits.sendSeconds);
    const send = (): Promise<void> => this.#channel.send(message, signal, body);
    try {
      await this.#deadlines.within(limit, what, () => unlessAborted(signal, send));
    } catch (error) {
      if (signal.aborted) throw error;
      this.#lose(lost(this.device, 'it could not be sent to', error));
      throw this.#life.signal.reason;
    }
  }

  /** Resolves when the message has left or cannot leave: the link is lost then and says so itself. */
  async tell(message: Message, body?: Uint8Array<ArrayBuffer>): Promise<void> {
    if (this.#life.signal.aborted) return;
    await this.#tasks.run(() => this.send(message, this.#life.signal, body));
  }

  /** Sends a question and gives its answer (`answerKey`), for which nobody else may be waiting. */
  async ask(message: Message, key: string, limit: number, signal: AbortSignal): Promise<Message> {
    return (await this.askWithBody({ message, key, limit, signal })).message;
  }

  /** As `ask`, where question or answer has a body. */
  async askWithBody({ message, key, limit, signal, body }: Question): Promise<Received> {
    this.#life.signal.throwIfAborted();
    if (this.#questions.has(key)) throw askedAlready(this.device, key);
    const what = `the answer of device ${this.device} to '${message.kind}'`;
    const deadline = { clock: this.#context.clock, signal, seconds: seconds(limit), what };
    try {
      return await withinDeadline(deadline, (both) =>
        unlessAborted(this.#life.signal, async () => {
          const answer = new Promise<Received>((resolve) => this.#questions.set(key, resolve));
          await this.send(message, both, body);
          return await answer;
        }),
      );
    } finally {
      this.#questions.delete(key);
    }
  }

  /** Another device cannot reach this one. */
  accuse(): void {
    this.#watch.tell({ kind: 'accused' });
  }

  /** The device says that a stage has run for so long, longer than it should. */
  overdue(after: number): void {
    this.#watch.tell({ kind: 'overdue', seconds: after });
  }

  /** Does not take silence for a sign meanwhile: on a slow link they wait behind the bytes, whose sending has its own deadlines. */
  async whileFilling<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#filling++;
    try {
      return await work();
    } finally {
      this.#watch.tell({ kind: 'excused' });
      this.#filling--;
    }
  }

  /** Time from a ping to its answer. */
  async ping(limit: number, signal: AbortSignal): Promise<Seconds> {
    const { clock } = this.#context;
    const start = clock.now();
    const nonce = ++this.#nonce;
    await this.ask({ kind: 'ping', nonce }, `ping ${nonce}`, limit, signal);
    return seconds(Math.max(0, clock.now() - start));
  }

  /** Leaves in good order: resolves when the agent has freed what it held for this gateway, or when it takes too long. */
  async leave(): Promise<void> {
    const { clock, limits } = this.#context;
    if (this.#life.signal.aborted) return;
    const signal = new AbortController().signal;
    const what = `leaving device ${this.device}`;
    const deadline = { clock, signal, seconds: seconds(limits.leaveSeconds), what };
    this.#left = true;
    this.#watch.stop();
    try {
      await withinDeadline(deadline, async (both) => {
        await this.#channel.send({ kind: 'goodbye' }, both);
        await this.#readEnded;
        await this.#channel.close();
      });
    } catch {
      this.#channel.abort();
    }
    this.#life.abort(new CancelledError('the gateway has left', 'Connect again.'));
    await this.#tasks.settled();
  }

  async #read(): Promise<void> {
    try {
      this.#lose(await this.#readAll());
    } catch (error) {
      this.#lose(lost(this.device, 'its connection ended', error));
    } finally {
      this.#onReadEnd();
    }
  }

  async #readAll(): Promise<TandemError> {
    for (;;) {
      const received = await this.#channel.receive(this.#life.signal);
      if (received === null || received.message.kind === 'goodbye') return lost(this.device, 'it closed');
      this.#watch.tell({ kind: 'heard' });
      const { message } = received;
      if (saysStageEnded(message)) this.#watch.tell({ kind: 'progressed' });
      if (message.kind === 'refuse') return lost(this.device, 'it gave up', errorFromRecord(message.error));
      const key = answerKey(message);
      if (key === null) this.#events.onMessage(this.device, received);
      else this.#questions.get(key)?.(received);
    }
  }

  /** Whether the process that was joined still answers new connections. */
  async #isAlive(limit: Seconds): Promise<boolean> {
    const { clock, transport, token } = this.#context;
    const options = { clock, transport, token, signal: this.#life.signal };
    const process = await askProcess(this.address, options, limit).catch(() => null);
    return process === this.welcome.pid;
  }

  #lose(error: TandemError): void {
    if (this.#life.signal.aborted || this.#left) return;
    this.#watch.stop();
    this.#life.abort(error);
    this.#events.onLost(this.device, error);
    const { clock } = this.#context;
    const isProtocol = error.cause instanceof ProtocolError;
    if (!isProtocol) return this.#channel.abort();
    this.#tasks.start(() =>
      refuse(this.#channel, error.cause as ProtocolError, { clock, signal: new AbortController().signal }),
    );
  }
}

const saysStageEnded = (message: Message): boolean =>
  message.kind === 'stage-done' || (message.kind === 'tensor' && message.times !== undefined);

/** Names what a message answers; null for those that answer nothing. */
function answerKey(message: Message): string | null {
  switch (message.kind) {
    case 'pong':
      return `ping ${message.nonce}`;
    case 'traced':
      return `trace ${message.nonce}`;
    case 'segment-wanted':
    case 'segment-have':
    case 'segment-refused':
      return `segment ${message.digest}`;
    case 'deployed':
    case 'deploy-refused':
      return `deploy ${message.version}`;
    case 'clock-set':
      return 'clock';
    case 'withdrawn':
      return `withdraw ${message.version}`;
    case 'holding':
      return `freeze ${message.version}`;
    case 'centres':
      return `centres ${message.version} ${message.stage}`;
    case 'tensor':
    case 'stage-done':
    case 'transfer-done':
    case 'ack':
    case 'exit':
    case 'decision-note':
    case 'failure':
    case 'accuse':
    case 'overdue':
    case 'sensed':
      return null;
    default:
      throw unexpected(message, 'something that an agent says', 'the agent');
  }
}

async function dial(
  { addresses, transport }: GatewayContext,
  device: DeviceId,
  deadline: Parameters<typeof sayHello>[2],
): Promise<Channel> {
  const address = addresses[device];
  if (address === undefined) throw lost(device, 'no address is known for it');
  try {
    const options = { limits: wireLimits };
    return new Channel(
      await withinDeadline(deadline, (signal) => transport.dial(address, { ...options, signal })),
    );
  } catch (error) {
    throw deadline.signal.aborted ? deadline.signal.reason : unreachable(device, address, error);
  }
}

function unreachable(device: DeviceId, address: string, cause: unknown): ConnectionError {
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new ConnectionError(
    `device ${device} cannot be reached at ${address}: ${detail}`,
    'Start its agent, or correct its address in the cluster.',
    { cause },
  );
}

/** The same error, naming the device that it came from. */
export function named(device: DeviceId, error: unknown): TandemError {
  if (!(error instanceof TandemError)) return lost(device, 'it failed unexpectedly', error);
  const { name, message, remedy } = error;
  return message.includes(`device ${device}`)
    ? error
    : errorFromRecord({ name, message: `device ${device}: ${message}`, remedy });
}

function askedAlready(device: DeviceId, key: string): InvalidInputError {
  return new InvalidInputError(
    `device ${device} is already being asked about '${key}', expected one question at a time`,
    'Wait for the first to end.',
  );
}

function otherDevice(expected: DeviceId, got: DeviceId): ProtocolError {
  return new ProtocolError(
    `the agent of device ${expected} calls itself ${got}`,
    'Run the same version of Tandem on every device.',
  );
}
