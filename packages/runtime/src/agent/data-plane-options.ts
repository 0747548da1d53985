import type { AgentRecord, Clock, DeviceId } from '@tandem/core';
import type { SpareBuffers } from '../spare-buffers.ts';
import type { Channel } from '../wire/channel.ts';
import type { Message, TensorMessage } from '../wire/message.ts';
import type { Tasks } from '../wire/tasks.ts';
import type { AgentLimits } from './agent-options.ts';
import type { EventLog } from './event-log.ts';
import type { LinkRates } from './link-rates.ts';
import type { LoadedPlans } from './loaded-plans.ts';
import type { PeerLinks } from './peer-links.ts';
import type { StageDeciders } from './stage-deciders.ts';
import type { TensorCoding } from './tensor-coding.ts';

export interface DataPlaneOptions {
  readonly clock: Clock;
  readonly limits: AgentLimits;
  readonly plans: LoadedPlans;
  readonly coding: TensorCoding;
  readonly deciders: StageDeciders;
  readonly rates: LinkRates;
  readonly spare: SpareBuffers;
  readonly peers: PeerLinks;
  /** The connection over which the device sends tensors here; null = there is none. */
  readonly inbound: (device: DeviceId) => Channel | null;
  readonly tasks: Tasks;
  /** This device, in what it notes. */
  readonly device: DeviceId;
  readonly events: EventLog;
  readonly record: (step: AgentRecord) => void;
  /** Sends over a connection within the deadline of small messages; a failure is dealt with there. */
  readonly say: (channel: Channel, message: Message) => void;
  readonly gateway: Channel;
  /** Sends a tensor to the gateway; a failure ends the session. */
  readonly answer: (message: TensorMessage, body: Uint8Array<ArrayBuffer>) => Promise<void>;
}
