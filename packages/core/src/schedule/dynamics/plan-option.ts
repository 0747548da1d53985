import type { DeviceId } from '../../cluster/cluster.ts';
import { queueWait } from './queue-wait.ts';

/** A plan that can be switched to, in the figures that say what it costs under other conditions. JSON-able. */
export interface PlanOption {
  readonly version: number;
  /** For a person. */
  readonly name: string;
  /** What it answers; a command can ask for another. */
  readonly model: string;
  /** What runs where: options of the same cut differ in their codecs alone. */
  readonly cut: string;
  /** Of an element that crosses; null = as it is. */
  readonly bits: number | null;
  /** Of one request, at the speed that was planned with. */
  readonly devices: readonly OptionDevice[];
  readonly links: readonly OptionLink[];
  /** Of a request's latency: what no device or link above is taken for. Negative where they work at the same time. */
  readonly restSeconds: number;
  readonly accuracyLoss: number;
  /** Of one request; null = not known. */
  readonly energyJoules: number | null;
  /** Until it is loaded beside another plan. */
  readonly loadSeconds: number;
  /** Why requests decide nothing under it though they could elsewhere, for a person. @default they do, or nobody does */
  readonly undecided?: string;
}

export interface OptionDevice {
  readonly device: DeviceId;
  readonly seconds: number;
}

export interface OptionLink {
  readonly from: DeviceId;
  readonly to: DeviceId;
  readonly bits: number;
  /** What was planned with, until the link is measured. */
  readonly bitsPerSecond: number;
  /** Added whatever the rate is. */
  readonly messageSeconds: number;
  /** Where each request chooses its bits: `bits` are the most then. @default all cross alike */
  readonly chosen?: ChosenLoad;
}

/** What a link carries of requests that choose their bits by a rule. */
export interface ChosenLoad {
  /** Of a request, in the mean, where each takes the fewest that are enough for it. */
  readonly fewestBits: number;
  /** Of all requests, those that cross. */
  readonly share: number;
}

/** What plans are priced by. */
export interface Conditions {
  /** In bits a second; 0 = it is down. */
  readonly rate: (link: OptionLink) => number;
  /** How much later than planned what crosses arrives. */
  readonly delaySeconds: (link: OptionLink) => number;
  /** 1 = as planned, 0 = gone. */
  readonly speed: (device: DeviceId) => number;
  readonly requestsPerSecond: number;
  readonly horizonSeconds: number;
}

export type DynamicsObjective = 'latency' | 'throughput' | 'energy';

/**
 * What a request takes under the conditions, its waits included: exact for one that visits devices and links one after the other, and
 * by `restSeconds` an estimate where they work at the same time. Infinite where the plan cannot run.
 */
export function sojournSeconds(option: PlanOption, conditions: Conditions): number {
  const { requestsPerSecond, horizonSeconds, delaySeconds } = conditions;
  const late = option.links.reduce((sum, link) => sum + delaySeconds(link), 0);
  return servicesOf(option, conditions).reduce(
    (sum, service) => sum + service + queueWait(requestsPerSecond, service, horizonSeconds),
    option.restSeconds + late,
  );
}

/** How long the busiest device or link is taken for each request. */
export function busiestSeconds(option: PlanOption, conditions: Conditions): number {
  return servicesOf(option, conditions).reduce((most, service) => Math.max(most, service), 0);
}

/** What a request costs by the objective, in its unit; where no energy is known, `null`. */
export function costOf(
  option: PlanOption,
  conditions: Conditions,
  objective: DynamicsObjective,
): number | null {
  if (objective === 'latency') return sojournSeconds(option, conditions);
  if (objective === 'throughput') return busiestSeconds(option, conditions);
  return Number.isFinite(sojournSeconds(option, conditions)) ? option.energyJoules : Number.POSITIVE_INFINITY;
}

function servicesOf({ devices, links }: PlanOption, { rate, speed }: Conditions): readonly number[] {
  const computing = devices.map(({ device, seconds }) =>
    seconds === 0 ? 0 : seconds / Math.max(0, speed(device)),
  );
  const slowest = Math.max(0, ...computing);
  return [...computing, ...links.map((link) => linkSeconds(link, rate(link), slowest))];
}

/**
 * How long a request takes the link. One that chooses its bits takes no more than the most of them take, nor, for the sake of precision, longer
 * than the slowest device (`chooseBits`).
 */
export function linkSeconds(
  { messageSeconds, bits, chosen }: OptionLink,
  rate: number,
  slowestSeconds: number,
): number {
  const most = messageSeconds + (rate > 0 ? bits / rate : Infinity);
  if (chosen === undefined || !(rate > 0)) return most;
  const fewest = messageSeconds + chosen.fewestBits / rate;
  return Math.min(most, Math.max(fewest, chosen.share * slowestSeconds));
}
