import type { DeviceId } from '../cluster/cluster.ts';
import type { Bytes, Hertz, Seconds } from '../units.ts';

/**
 * What happened while a pipeline ran, or would have happened: the simulator and the runtime write the same, and `core/metrics` reads
 * it without knowing who wrote it. Frozen and JSON-able; as a file it is JSON Lines (`traceLines`, `readTrace`).
 */
export interface Trace {
  readonly header: TraceHeader;
  /** By time; events of the same time in the order in which they happened. */
  readonly events: readonly TraceEvent[];
}

export interface TraceHeader {
  readonly kind: 'trace';
  /** Grows when an older program would misread a newer trace. */
  readonly format: 1;
  readonly origin: 'measured' | 'simulated';
  /** Whose clock `atSeconds` is: its name, and how others were brought to it. The origin of the time means nothing. */
  readonly clock: string;
  /** @default '' */
  readonly model: string;
  readonly devices: readonly TraceDevice[];
  /** Directed; the ways between the gateway and its devices are not among them. */
  readonly links: readonly TraceLink[];
  readonly plans: readonly TracePlan[];
}

export interface TraceDevice {
  readonly device: DeviceId;
}

export interface TraceLink {
  readonly from: DeviceId;
  readonly to: DeviceId;
}

/** One deployed version: what its stage numbers mean. */
export interface TracePlan {
  readonly version: number;
  readonly planner: string;
  readonly stages: readonly TraceStage[];
}

export interface TraceStage {
  readonly stage: number;
  /** More than one: replicas that share the stage's requests. */
  readonly devices: readonly DeviceId[];
}

/** Who sends or receives: a device, or null = the gateway. */
export type TraceParty = DeviceId | null;

export type TraceEvent =
  | ArrivalEvent
  | AdmissionEvent
  | StageEvent
  | CodingEvent
  | TransferStartEvent
  | TransferEvent
  | AnswerEvent
  | FailureEvent
  | ExitEvent
  | BitsEvent
  | BlockedEvent
  | DeviceEvent
  | SpeedEvent
  | RateEvent
  | DeploymentEvent
  | ReplanEvent
  | SensedEvent
  | RepairPartsEvent
  | AdaptationEvent;

interface At {
  readonly atSeconds: Seconds;
}

/** A client handed in a request. */
export interface ArrivalEvent extends At {
  readonly kind: 'arrival';
  readonly version: number;
  /** Unique in the trace. */
  readonly request: number;
}

/** The gateway let it in and numbered it: tickets count from 0 in every version. */
export interface AdmissionEvent extends At {
  readonly kind: 'admission';
  readonly version: number;
  readonly request: number;
  readonly ticket: number;
}

/** A device executes a stage once for all of `requests`. A start without an end = it was lost with its device. */
export interface StageEvent extends At {
  readonly kind: 'stage-start' | 'stage-end';
  readonly version: number;
  readonly stage: number;
  readonly device: DeviceId;
  readonly requests: readonly number[];
}

/** A device encodes a tensor before sending it, or decodes one that came. */
export interface CodingEvent extends At {
  readonly kind: 'encode-start' | 'encode-end' | 'decode-start' | 'decode-end';
  readonly version: number;
  readonly request: number;
  readonly device: DeviceId;
  readonly tensor: string;
}

/** The tensor's first bit leaves. */
export interface TransferStartEvent extends At {
  readonly kind: 'transfer-start';
  readonly version: number;
  readonly request: number;
  readonly tensor: string;
  readonly from: TraceParty;
  readonly to: TraceParty;
  /** What the link carries. */
  readonly bytes: Bytes;
}

/** 'transfer-end': the last bit left, and the line is free. 'tensor-arrived': it is there. */
export interface TransferEvent extends At {
  readonly kind: 'transfer-end' | 'tensor-arrived';
  readonly version: number;
  readonly request: number;
  readonly tensor: string;
  readonly from: TraceParty;
  readonly to: TraceParty;
}

/** 'answer': the gateway has all of it. 'taken': the client has it. */
export interface AnswerEvent extends At {
  readonly kind: 'answer' | 'taken';
  readonly version: number;
  readonly request: number;
}

/** The request ended without an answer: failed, refused, cancelled or late. */
export interface FailureEvent extends At {
  readonly kind: 'failure';
  readonly version: number;
  readonly request: number;
  /** The error's name (core/errors.ts) and message. */
  readonly error: string;
  readonly message: string;
}

/** The request is answered early, by this stage; an 'answer' follows. */
export interface ExitEvent extends At {
  readonly kind: 'exit';
  readonly version: number;
  readonly request: number;
  readonly stage: number;
  readonly device: DeviceId;
}

/** How many bits an element of the tensor travels with, chosen when it was sent. */
export interface BitsEvent extends At {
  readonly kind: 'bits';
  readonly version: number;
  readonly request: number;
  readonly tensor: string;
  readonly bits: number;
}

/** The stage may not start its next ticket, because outputs of an earlier one wait for room downstream; or may again. */
export interface BlockedEvent extends At {
  readonly kind: 'blocked' | 'unblocked';
  readonly version: number;
  readonly stage: number;
  readonly device: DeviceId;
}

export interface DeviceEvent extends At {
  readonly kind: 'device-lost' | 'device-back';
  readonly device: DeviceId;
}

/** From now on the device takes its usual time divided by `factor`. */
export interface SpeedEvent extends At {
  readonly kind: 'speed';
  readonly device: DeviceId;
  readonly factor: number;
}

export interface RateEvent extends At {
  readonly kind: 'rate';
  readonly from: DeviceId;
  readonly to: DeviceId;
  readonly bitsPerSecond: number;
}

export interface DeploymentEvent extends At {
  readonly kind: 'deployed' | 'withdrawn';
  readonly version: number;
}

/** Version `replaces` gave way to `version`, and why: 'repair' after a loss, 'replan' because conditions changed. */
export interface ReplanEvent extends At {
  readonly kind: 'repair' | 'replan';
  readonly version: number;
  readonly replaces: number;
  readonly message: string;
}

/** What the sensors of a device read; null = it has no such sensor, or that one did not answer. */
export interface SensedEvent extends At {
  readonly kind: 'sensed';
  readonly device: DeviceId;
  readonly celsius: number | null;
  /** Where the device slows itself down. */
  readonly limitCelsius: number | null;
  /** Whether it does. */
  readonly isThrottled: boolean | null;
  /** What is left, 0 to 1. */
  readonly batteryShare: number | null;
  /** What its processors may run at now, and at most. */
  readonly clockHertz: Hertz | null;
  readonly highestHertz: Hertz | null;
}

/** How long the parts of a measured repair took, one after the other. */
export interface RepairPartsEvent extends At {
  readonly kind: 'repair-parts';
  /** Which came of it, for requests to come. */
  readonly version: number;
  /** Until survivors had said what they hold. */
  readonly holdingSeconds: number;
  /** From there until it was known where stages go. */
  readonly placingSeconds: number;
  /** From there until their weights were there and loaded. */
  readonly loadingSeconds: number;
}

/** A reaction to what sensors read, or why there was none: whole clauses for a person. */
export interface AdaptationEvent extends At {
  readonly kind: 'adaptation';
  /** In use when it was decided, before any switch. */
  readonly version: number;
  /** What changed: the network, a failure, heat, the mission, the quality of inputs, the load. */
  readonly dynamic: string;
  readonly reaction: string;
  readonly saw: string;
  readonly considered: string;
  readonly why: string;
}

export type TraceEventKind = TraceEvent['kind'];

/** A trace of events in any order, as they come from several writers: sorted by time, the given order kept among equals. */
export function traceOf(header: TraceHeader, events: readonly TraceEvent[]): Trace {
  const sorted = events.toSorted((left, right) => left.atSeconds - right.atSeconds);
  return Object.freeze({ header, events: Object.freeze(sorted) });
}
