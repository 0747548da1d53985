import {
  type Clock,
  ConnectionError,
  type DeviceId,
  ProtocolError,
  type Seconds,
  seconds,
  TandemError,
} from '@tandem/core';
import type { PacedLink } from '../gateway/deployment.ts';
import { impair } from '../transport/impair.ts';
import type { Connection, Transport } from '../transport/transport.ts';
import { Turns } from '../turns.ts';
import { Channel } from '../wire/channel.ts';
import { closeChannel } from '../wire/close-channel.ts';
import { Deadlines } from '../wire/deadlines.ts';
import type { Ack, DeployedPeer, TensorMessage } from '../wire/message.ts';
import { underOwnSignal } from '../wire/on-abort.ts';
import { protocolVersion, wireLimits } from '../wire/protocol.ts';
import type { Release } from '../wire/repair-message.ts';
import type { Tasks } from '../wire/tasks.ts';
import { unlessAborted, withinDeadline } from '../wire/within-deadline.ts';
import { sayHello, unexpected } from './handshake.ts';

export interface PeerLinksOptions {
  readonly device: DeviceId;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly token: string;
  /** AgentOptions.clockName */
  readonly clockName: string;
  readonly dialSeconds: number;
  readonly tasks: Tasks;
  /** Ends everything. */
  readonly signal: AbortSignal;
  readonly onAck: (from: DeviceId, ack: Ack) => void;
  readonly onRelease: (from: DeviceId, release: Release) => void;
  readonly onLost: (device: DeviceId, error: TandemError) => void;
}

export interface SendOptions {
  /** For waiting and leaving together. */
  readonly limit: Seconds;
  readonly signal: AbortSignal;
  /** Called when the tensors before it have left. */
  readonly onStart: () => void;
}

/** The connections over which this device sends tensors to others: one a device, dialled when first needed. */
export class PeerLinks {
  readonly #options: PeerLinksOptions;
  readonly #peers: Map<DeviceId, DeployedPeer> = new Map();
  readonly #paced: Map<DeviceId, PacedLink> = new Map();
  readonly #links: Map<DeviceId, Promise<Channel>> = new Map();
  /** Those of `#links` that have been greeted. */
  readonly #open: Map<DeviceId, Channel> = new Map();
  readonly #turns: Map<DeviceId, Turns> = new Map();
  readonly #deadlines: Deadlines;

  constructor(options: PeerLinksOptions) {
    this.#options = options;
    this.#deadlines = new Deadlines(options);
  }

  /** Where the others are, and which links to them are slowed down. Replaces what was known of the same devices. */
  know(peers: readonly DeployedPeer[], pacedLinks: readonly PacedLink[]): void {
    for (const peer of peers) this.#peers.set(peer.device, peer);
    for (const link of pacedLinks) if (link.from === this.#options.device) this.#paced.set(link.to, link);
  }

  /** Dials now, so that the first request does not wait for it. Throws ConnectionError or RefusedError naming the device. */
  async connect(device: DeviceId): Promise<void> {
    await this.#link(device);
  }

  /** Resolves when the tensor has left. A failure costs the connection, which the next tensor dials anew. */
  async send(
    device: DeviceId,
    message: TensorMessage,
    body: Uint8Array<ArrayBuffer>,
    { limit, signal, onStart }: SendOptions,
  ): Promise<void> {
    const channel = this.#open.get(device) ?? (await unlessAborted(signal, () => this.#link(device)));
    const leave = (): Promise<void> =>
      this.#turnsTo(device).run(signal, async () => {
        onStart();
        await channel.send(message, signal, body);
      });
    const what = `sending tensor ${message.tensor} to device ${device}`;
    try {
      await this.#deadlines.within(limit, what, () => unlessAborted(signal, leave));
    } catch (error) {
      if (!signal.aborted) channel.abort();
      throw error;
    }
  }

  /** One tensor at a time on the way to a device, so that it is known when each begins to leave. */
  #turnsTo(device: DeviceId): Turns {
    const turns = this.#turns.get(device) ?? new Turns();
    this.#turns.set(device, turns);
    return turns;
  }

  #link(device: DeviceId): Promise<Channel> {
    const existing = this.#links.get(device);
    if (existing !== undefined) return existing;
    const dialled = this.#dial(device);
    this.#links.set(device, dialled);
    this.#options.tasks.start(() => this.#serve(device, dialled));
    return dialled;
  }

  /** At the end of a session the peer sees an orderly close, and has nothing to complain of. */
  async #leave(channel: Channel): Promise<void> {
    const { clock, signal } = this.#options;
    if (signal.aborted) await closeChannel(channel, clock);
    else channel.abort();
  }

  /** Reads acknowledgements until the connection ends. */
  async #serve(device: DeviceId, dialled: Promise<Channel>): Promise<void> {
    let error: TandemError;
    try {
      const channel = await dialled;
      this.#open.set(device, channel);
      error = await underOwnSignal(this.#options.signal, (own) =>
        this.#readAcks(device, channel, own.signal),
      );
    } catch (cause) {
      error = cause instanceof TandemError ? cause : lost(device, 'it failed unexpectedly', cause);
    }
    this.#links.delete(device);
    this.#open.delete(device);
    await dialled.then(
      (channel) => this.#leave(channel),
      () => undefined,
    );
    this.#options.onLost(device, error);
  }

  async #readAcks(device: DeviceId, channel: Channel, signal: AbortSignal): Promise<TandemError> {
    for (;;) {
      const received = await channel.receive(signal);
      if (received === null || received.message.kind === 'goodbye') return lost(device, 'it closed');
      const { message } = received;
      if (message.kind === 'ack') this.#options.onAck(device, message);
      else if (message.kind === 'release') this.#options.onRelease(device, message);
      else throw unexpected(message, 'ack', `device ${device}`);
    }
  }

  async #dial(device: DeviceId): Promise<Channel> {
    const { clock, signal, transport, dialSeconds } = this.#options;
    const peer = this.#peers.get(device);
    if (peer === undefined) throw lost(device, 'the gateway has not said where it is');
    const deadline = { clock, signal, seconds: seconds(dialSeconds), what: `dialling device ${device}` };
    const connection = await withinDeadline(deadline, (both) =>
      transport.dial(peer.address, { limits: wireLimits, signal: both }),
    ).catch((cause: unknown) => {
      throw signal.aborted ? cause : lost(device, `${peer.address} cannot be dialled`, cause);
    });
    return await this.#greet(peer, connection, deadline);
  }

  async #greet(
    peer: DeployedPeer,
    connection: Connection,
    deadline: Parameters<typeof sayHello>[2],
  ): Promise<Channel> {
    const { device, clock, token, clockName } = this.#options;
    const channel = new Channel(impair(connection, this.#paced.get(peer.device) ?? {}, clock));
    const { session } = peer;
    try {
      const hello = {
        kind: 'hello',
        protocol: protocolVersion,
        token,
        role: 'agent',
        device,
        session,
        clock: clockName,
      } as const;
      const welcome = await sayHello(channel, hello, deadline);
      if (welcome.device !== peer.device) throw otherDevice(peer, welcome.device);
      return channel;
    } catch (error) {
      channel.abort();
      throw error;
    }
  }
}

export function lost(device: DeviceId, how: string, cause?: unknown): ConnectionError {
  const detail = cause instanceof Error ? `: ${cause.message}` : '';
  return new ConnectionError(
    `device ${device} was lost: ${how}${detail}`,
    'Check that its agent runs and can be reached, then send the request again.',
    { cause },
  );
}

function otherDevice(expected: DeployedPeer, got: DeviceId): ProtocolError {
  return new ProtocolError(
    `device ${got} answers at ${expected.address}, expected device ${expected.device}`,
    'Correct the addresses of the cluster.',
  );
}
