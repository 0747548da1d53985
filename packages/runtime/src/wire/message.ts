import type {
  BitsEvent,
  BlockedEvent,
  Bytes,
  Codec,
  CodingEvent,
  DeviceId,
  ElementType,
  ErrorRecord,
  ExitEvent,
  Label,
  LosslessName,
  RawReason,
  Seconds,
  StageEvent,
  TransferEvent,
  TransferStartEvent,
} from '@tandem/core';
import type { ClockSetting, WantedClock } from '../actuate/actuator.ts';
import type { Deployment } from '../gateway/deployment.ts';
import type { DeviceDescription } from '../probe/device-description.ts';
import type { LinkMeasurement } from '../probe/link-measurement.ts';
import type { SegmentManifest } from '../segment/segment.ts';
import type { SensorReading } from '../sense/device-sensor.ts';
import type { Accuse, Adopt, Freeze, Holding, Overdue, Release } from './repair-message.ts';
import type { StageTimes } from './stage-times.ts';

/** Everything that agents and gateways say to each other: the headers of frames. Those with a body say so. */
export type Message =
  | Hello
  | Welcome
  | Refuse
  | SegmentOffer
  | SegmentWanted
  | SegmentHave
  | SegmentChunk
  | SegmentEnd
  | SegmentRefused
  | Deploy
  | Deployed
  | DeployRefused
  | SetClock
  | ClockSet
  | Withdraw
  | Withdrawn
  | TensorMessage
  | TransferDone
  | StageDone
  | Ack
  | Release
  | Freeze
  | Holding
  | Adopt
  | Accuse
  | Overdue
  | ExitMessage
  | Answered
  | DecisionNote
  | CollectCentres
  | CentresMessage
  | Failure
  | Cancel
  | Sensed
  | Ping
  | Pong
  | CollectTrace
  | Traced
  | Describe
  | Description
  | MeasureLink
  | LinkMeasured
  | ProbeRefused
  | Filler
  | Goodbye;

export type MessageKind = Message['kind'];

/** The first message of whoever dials. */
export interface Hello {
  readonly kind: 'hello';
  readonly protocol: number;
  readonly token: string;
  /** A visitor asks and measures, and takes part in no run. */
  readonly role: 'gateway' | 'agent' | 'visitor';
  /** From a gateway: the device that the listener is from now on. From an agent: the device that dials. */
  readonly device: DeviceId;
  /** From an agent: the session of the listener that it was told to join. From a gateway: ''. */
  readonly session: string;
  /** AgentOptions.clockName; '' from gateways and visitors. */
  readonly clock: string;
}

export interface Welcome {
  readonly kind: 'welcome';
  readonly protocol: number;
  readonly device: DeviceId;
  /** 0 where the platform has none. */
  readonly pid: number;
  readonly agentVersion: string;
  /** The executor's name. */
  readonly runtime: string;
  /** Names the time from this welcome to the gateway's goodbye; peers must know it, so that runs never mix. */
  readonly session: string;
  /** The compressors that it has; the gateway lets tensors be compressed where both ends have the same. */
  readonly lossless: readonly LosslessName[];
}

/** The last message before the connection is closed for cause. */
export interface Refuse {
  readonly kind: 'refuse';
  readonly error: ErrorRecord;
}

/** Answered by 'segment-wanted', 'segment-have' or 'segment-refused'. */
export interface SegmentOffer {
  readonly kind: 'segment-offer';
  readonly manifest: SegmentManifest;
}

export interface SegmentWanted {
  readonly kind: 'segment-wanted';
  readonly digest: string;
}

export interface SegmentHave {
  readonly kind: 'segment-have';
  readonly digest: string;
}

/** Body: the next bytes of the part. */
export interface SegmentChunk {
  readonly kind: 'segment-chunk';
  readonly digest: string;
  readonly part: string;
}

/** Answered by 'segment-have' or 'segment-refused'. */
export interface SegmentEnd {
  readonly kind: 'segment-end';
  readonly digest: string;
}

export interface SegmentRefused {
  readonly kind: 'segment-refused';
  readonly digest: string;
  readonly error: ErrorRecord;
}

/** Answered by 'deployed' or 'deploy-refused'. Body: the matrices of the deployment's decisions, float32, little-endian. */
export interface Deploy {
  readonly kind: 'deploy';
  readonly deployment: Deployment;
  /** Every device of the deployment: where peers dial it and which session it is in. */
  readonly peers: readonly DeployedPeer[];
  /** True: note what happens, for 'collect-trace'. */
  readonly trace: boolean;
}

export interface DeployedPeer {
  readonly device: DeviceId;
  readonly address: string;
  readonly session: string;
}

export interface Deployed {
  readonly kind: 'deployed';
  readonly version: number;
  /** This device's stages. */
  readonly stages: readonly { readonly stage: number; readonly loadSeconds: Seconds }[];
}

export interface DeployRefused {
  readonly kind: 'deploy-refused';
  readonly version: number;
  readonly error: ErrorRecord;
}

/** Answered by 'clock-set'. Null = the device as it was found. */
export interface SetClock {
  readonly kind: 'set-clock';
  readonly clock: WantedClock | null;
}

export interface ClockSet extends ClockSetting {
  readonly kind: 'clock-set';
}

/** Answered by 'withdrawn', also when the version is not deployed. */
export interface Withdraw {
  readonly kind: 'withdraw';
  readonly version: number;
}

export interface Withdrawn {
  readonly kind: 'withdrawn';
  readonly version: number;
}

/** Body, raw: the elements, little-endian, row-major; elements of less than a byte are packed, low bits first. Else: `encodeActivation`. */
export interface TensorMessage {
  readonly kind: 'tensor';
  readonly version: number;
  readonly request: number;
  /** The request's place in the order of its version, from 0. */
  readonly ticket: number;
  readonly tensor: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** How the body is coded: as the route of the plan says, or raw where that codec cannot hold the tensor. */
  readonly codec: Codec;
  /** Not null = raw instead of the plan's codec. */
  readonly rawBecause: RawReason;
  /** When the sender had it ready, by the sender's clock. */
  readonly readySeconds: Seconds;
  /** To the gateway, instead of a 'stage-done': of the stage that has just made it. */
  readonly times?: StageTimes;
}

/** Agent to gateway: a tensor of another agent is here whole. */
export interface TransferDone {
  readonly kind: 'transfer-done';
  readonly version: number;
  readonly request: number;
  readonly tensor: string;
  readonly from: DeviceId;
  /** From its being ready at the sender to its being decoded here; null where the two read different clocks. */
  readonly seconds: Seconds | null;
  /** Of the body that came. */
  readonly bytes: Bytes;
  readonly codec: Codec;
  readonly rawBecause: RawReason;
}

/** Agent to gateway, where no answer sets out that could say so. */
export interface StageDone extends StageTimes {
  readonly kind: 'stage-done';
  readonly version: number;
  readonly request: number;
}

/** The receiver needs this tensor no more from the sender: every stage that reads it has all its inputs. */
export interface Ack {
  readonly kind: 'ack';
  readonly version: number;
  readonly request: number;
  readonly tensor: string;
  /** From the tensor's first byte to its last, by the receiver's clock; null where the transport cannot tell. */
  readonly receivedSeconds: Seconds | null;
}

/** Agent to gateway: the stage has answered the request, by this label. */
export interface ExitMessage {
  readonly kind: 'exit';
  readonly version: number;
  readonly request: number;
  readonly stage: number;
  readonly label: Label;
  /** What was above the exit's threshold: a separability or a confidence. */
  readonly score: number;
}

/** Gateway to the agents that decide: the model as a whole has answered the request, by this label. */
export interface Answered {
  readonly kind: 'answered';
  readonly version: number;
  readonly request: number;
  readonly label: Label;
  /** What the device that took longest worked for it; null where not all have said so yet. */
  readonly slowerSeconds: Seconds | null;
}

/** Agent to gateway: what a person should know of a decision from now on, one sentence; null = nothing any more. */
export interface DecisionNote {
  readonly kind: 'decision-note';
  readonly version: number;
  readonly stage: number;
  readonly note: string | null;
}

/** Answered by 'centres'. */
export interface CollectCentres {
  readonly kind: 'collect-centres';
  readonly version: number;
  readonly stage: number;
}

/** What a decision has learned so far. Body: the centres, row behind row, float32; no rows where nothing is learned. */
export interface CentresMessage {
  readonly kind: 'centres';
  readonly version: number;
  readonly stage: number;
  readonly channels: number;
  readonly labels: readonly Label[];
  readonly counts: readonly number[];
  readonly factor: number;
  readonly note: string | null;
}

/** Agent to gateway. `request` null = the agent as a whole. */
export interface Failure {
  readonly kind: 'failure';
  readonly version: number | null;
  readonly request: number | null;
  readonly error: ErrorRecord;
}

/** The request has ended for the gateway: drop what is held for it, and do not wait for its ticket. */
export interface Cancel {
  readonly kind: 'cancel';
  readonly version: number;
  readonly request: number;
  readonly ticket: number;
}

/** Agent to gateway, once a second where it has sensors: what they read. */
export interface Sensed {
  readonly kind: 'sensed';
  readonly reading: SensorReading;
}

export interface Ping {
  readonly kind: 'ping';
  readonly nonce: number;
}

export interface Pong {
  readonly kind: 'pong';
  readonly nonce: number;
}

/** Answered by 'traced'. */
export interface CollectTrace {
  readonly kind: 'collect-trace';
  readonly nonce: number;
}

export interface Traced {
  readonly kind: 'traced';
  readonly nonce: number;
  /** AgentOptions.clockName, and that clock when the agent answers. */
  readonly clock: string;
  readonly nowSeconds: Seconds;
  /** By that clock; since the last time. */
  readonly events: readonly AgentTraceEvent[];
  /** Events that wait for the next question. */
  readonly left: number;
  /** Events that nobody asked for in time. */
  readonly dropped: number;
}

/** What an agent can see of a run. */
export type AgentTraceEvent =
  | StageEvent
  | CodingEvent
  | TransferStartEvent
  | TransferEvent
  | ExitEvent
  | BitsEvent
  | BlockedEvent;

/** From a visitor. Answered by 'description' or 'probe-refused'. */
export interface Describe {
  readonly kind: 'describe';
}

export interface Description {
  readonly kind: 'description';
  readonly description: DeviceDescription;
}

/** From a visitor: measure your way to the agent at `address`. Answered by 'link-measured' or 'probe-refused'. */
export interface MeasureLink {
  readonly kind: 'measure-link';
  readonly address: string;
}

export interface LinkMeasured {
  readonly kind: 'link-measured';
  readonly link: LinkMeasurement;
}

export interface ProbeRefused {
  readonly kind: 'probe-refused';
  readonly error: ErrorRecord;
}

/** From a visitor that measures its way here. Body: up to a chunk of any bytes, to be dropped. A nonce is answered by 'pong'. */
export interface Filler {
  readonly kind: 'filler';
  readonly nonce: number | null;
}

/** The sender is about to close in good order. */
export interface Goodbye {
  readonly kind: 'goodbye';
}
