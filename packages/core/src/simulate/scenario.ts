import type { DeviceId } from '../cluster/cluster.ts';
import type { Rate } from '../cluster/rate.ts';
import type { AffineBits } from '../codec/codec.ts';
import type { BitsShare, PrecisionRule } from '../plan/policies.ts';
import type { AgentStage } from '../schedule/agent-plan.ts';
import type { MissionCommand } from '../schedule/dynamics/dynamics-event.ts';
import type { DynamicsSettings } from '../schedule/dynamics/dynamics-state.ts';
import type { Bytes, Seconds } from '../units.ts';

/** What is simulated: pipelines on devices and links, requests that arrive, and what goes wrong meanwhile. JSON-able. */
export interface Scenario {
  /** For the trace. @default '' */
  readonly model?: string;
  readonly devices: readonly DeviceId[];
  readonly links: readonly ScenarioLink[];
  /** Each a deployed version with its own numbers; those of a higher priority go first on devices that they share. */
  readonly pipelines: readonly ScenarioPipeline[];
  /** @default none */
  readonly changes?: readonly ScenarioChange[];
  /** Devices that heat up or live on a battery. @default none */
  readonly bodies?: readonly ScenarioBody[];
  /** Where inputs come from; the first is used until another is switched to. @default they are all as good as calibrated with */
  readonly sensors?: readonly ScenarioSensor[];
  /** The gateway adapts: it runs what arrives for version `current` by one of the options, each a pipeline. @default it does not */
  readonly adaptation?: DynamicsSettings;
  /** From a receiver to the sender. @default the link's `delaySeconds`; nothing to and from the gateway */
  readonly acknowledgementSeconds?: Seconds;
}

export interface ScenarioBody {
  readonly device: DeviceId;
  /** @default it stays cool */
  readonly heat?: ScenarioHeat;
  /** @default it does not run out */
  readonly battery?: ScenarioBattery;
}

/** A device that works turns clock³ of its power into heat, and cools in proportion to what it is warmer than its surroundings. */
export interface ScenarioHeat {
  readonly ambientCelsius: number;
  /** Where it would end if it always worked at its planned clock. */
  readonly steadyCelsius: number;
  /** Time constant of warming and cooling. */
  readonly seconds: Seconds;
  /** At this it throttles itself, until it is 10 °C cooler. */
  readonly limitCelsius: number;
  /** Its share of the planned clock while it does. */
  readonly throttledClock: number;
}

/** Empty = the device is lost. */
export interface ScenarioBattery {
  readonly joules: number;
  readonly idleWatts: number;
  /** More than idle, at the planned clock; it goes with clock³. */
  readonly busyWatts: number;
}

export interface ScenarioSensor {
  readonly sensor: string;
  /** 1 = as calibrated: how sure a request is about leaving early is multiplied by it. */
  readonly quality: number;
}

export interface ScenarioLink {
  readonly from: DeviceId;
  readonly to: DeviceId;
  /** The scenario begins at second 0 of a trace. */
  readonly rate: Rate;
  /** Passes between a tensor's last bit and its being there; holds up nothing. @default 0 */
  readonly delaySeconds?: Seconds;
  /** The link is taken so much longer for each tensor. @default 0 */
  readonly perMessageSeconds?: Seconds;
  /** Of each tensor, so many bytes take no time on it (`Link.burstBytes`). @default 0 */
  readonly burstBytes?: Bytes;
  /** Links that name the same one take turns: one transfer at a time, in the order in which they were sent. @default its own */
  readonly medium?: string;
}

export interface ScenarioPipeline {
  readonly version: number;
  /** For the trace. @default '' */
  readonly planner?: string;
  /** In the order in which a device runs them where several can run. */
  readonly stages: readonly ScenarioStage[];
  /** What each tensor that moves is, in bytes on the link. A tensor that is not named is empty. */
  readonly tensors: readonly ScenarioTensor[];
  /** The gateway hands them to `source`. */
  readonly inputs: readonly string[];
  /** The gateway gets them from `sink`. */
  readonly outputs: readonly string[];
  readonly source: DeviceId;
  readonly sink: DeviceId;
  readonly arrivals: ScenarioArrivals;
  /** @default 0 */
  readonly priority?: number;
  /** Of the requests, in turn; again from the beginning after its end. @default `priority` */
  readonly priorities?: readonly number[];
  /** @default none */
  readonly requestTimeoutSeconds?: Seconds;
  /** ScheduleDefaults. @default scheduleDefaults */
  readonly queue?: number;
  readonly window?: number;
  readonly waiting?: number;
  /** @default false */
  readonly ordered?: boolean;
  /** When its client stops taking answers. @default never */
  readonly clientStopsAtSeconds?: Seconds;
  /** What is decided request by request. @default nothing */
  readonly decisions?: ScenarioDecisions;
}

/** Where requests leave and with how many bits they cross: drawn by share, or as `outcomes` says. */
export interface ScenarioDecisions {
  /** In the order in which a request comes by. */
  readonly exits?: readonly ScenarioExit[];
  readonly bits?: ScenarioBits;
  /** What becomes of each request, by its number, again from the beginning after its end. @default drawn */
  readonly outcomes?: readonly ScenarioOutcome[];
}

export interface ScenarioExit {
  /** Requests leave behind it. */
  readonly stage: number;
  /** Of all requests, 0 to 1; of all exits together at most 1. */
  readonly share: number;
  /** Of the answer, which goes to the sink. */
  readonly answerBytes: Bytes;
}

export interface ScenarioBits {
  /** All of a request's cross with the same bits. */
  readonly transfers: readonly ScenarioCoded[];
  /** Of the requests that cross: those that cross with so many bits or, where there is a rule, that need so many. */
  readonly shares: readonly BitsShare[];
  /** How the bits follow from those that a request needs and what the transfers before say of the link's rate. @default they are those */
  readonly rule?: ScenarioBitsRule;
}

export interface ScenarioCoded {
  readonly tensor: string;
  readonly from: DeviceId;
  readonly to: DeviceId;
  readonly sizes: readonly { readonly bits: AffineBits; readonly bytes: Bytes }[];
}

export interface ScenarioBitsRule {
  readonly kind: PrecisionRule;
  /** Of the slower of the devices, for one request. */
  readonly slowerSeconds: Seconds;
  readonly most: AffineBits;
}

export interface ScenarioOutcome {
  /** Null = it runs all. */
  readonly exitStage: number | null;
  /** @default drawn */
  readonly bits?: AffineBits;
}

/** A stage on one device. A stage with replicas has a row for each, of the same number, with shares that divide the tickets. */
export interface ScenarioStage extends Omit<AgentStage, 'p99Seconds'> {
  readonly device: DeviceId;
  /** For one request. */
  readonly seconds: Seconds;
  /** What 1, 2, ... requests take together. @default each `seconds` */
  readonly batchSeconds?: readonly Seconds[];
}

export interface ScenarioTensor {
  readonly tensor: string;
  readonly bytes: Bytes;
  /** Only on this link, where its codec is another. @default everywhere */
  readonly on?: { readonly from: DeviceId; readonly to: DeviceId };
}

export type ScenarioArrivals =
  | { readonly kind: 'one' }
  /** All at the start. */
  | { readonly kind: 'batch'; readonly requests: number }
  /** One every `seconds`, the first at the start. */
  | { readonly kind: 'periodic'; readonly seconds: Seconds; readonly requests: number }
  /** Exponential gaps, also before the first. */
  | { readonly kind: 'poisson'; readonly perSecond: number; readonly requests: number }
  /** At these times, ascending. */
  | { readonly kind: 'trace'; readonly atSeconds: readonly Seconds[] };

/** Something that happens at a time, whatever the pipelines do. */
export type ScenarioChange =
  /** From now on the device takes its usual times divided by `factor`, which is above 0; what it works on included. */
  | {
      readonly kind: 'speed';
      readonly atSeconds: Seconds;
      readonly device: DeviceId;
      readonly factor: number;
    }
  /** From now on the link's rate is multiplied by `factor`, what is on it included; 0 = nothing passes. */
  | {
      readonly kind: 'rate';
      readonly atSeconds: Seconds;
      readonly from: DeviceId;
      readonly to: DeviceId;
      readonly factor: number;
    }
  /**
   * The device stops. 'hold': it comes back with all that it had, begins the stage that it worked on again, and what was sent to it
   * waits. 'lost': its requests fail, and those of every version that uses it, until other versions are switched to.
   */
  | {
      readonly kind: 'fail';
      readonly atSeconds: Seconds;
      readonly device: DeviceId;
      readonly policy: 'hold' | 'lost';
      /** @default never */
      readonly backAtSeconds?: Seconds;
    }
  /** From now on the sensor of this name gives inputs of this quality. */
  | {
      readonly kind: 'sensor';
      readonly atSeconds: Seconds;
      readonly sensor: string;
      readonly quality: number;
    }
  /** Somebody commands; nothing follows unless the gateway adapts. */
  | { readonly kind: 'command'; readonly atSeconds: Seconds; readonly command: MissionCommand }
  /** Requests that arrive for version `from` from now on are run by `to`. */
  | {
      readonly kind: 'switch';
      readonly atSeconds: Seconds;
      readonly from: number;
      readonly to: number;
      readonly reason: 'repair' | 'replan';
      readonly message: string;
    };
