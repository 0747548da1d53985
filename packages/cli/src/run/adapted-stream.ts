import {
  type AdaptationEvent,
  type DynamicsSettings,
  errorRecord,
  type MissionCommand,
  type Problem,
  type ReplanEvent,
  seconds,
  type Trace,
} from '@tandem/core';
import { systemClock } from '@tandem/node';
import {
  type AdapterOptions,
  type AdaptiveChoice,
  type Gateway,
  GatewayAdapter,
  type LoadedStage,
} from '@tandem/runtime';
import { followMission } from './follow-mission.ts';

/** What `--adapt` came to. */
export interface AdaptedRow {
  /** Of those that could be switched to, the first one among them. */
  readonly plans: number;
  /** `atSeconds` from the first request. */
  readonly switches: readonly ReplanEvent[];
  /** Every decision in turn, what was weighed and left included. */
  readonly decisions: readonly AdaptationEvent[];
}

export interface AdaptedStream {
  readonly gateway: Gateway;
  readonly problem: Problem;
  /** Deployed, and answering. */
  readonly first: AdaptiveChoice;
  readonly others: readonly AdaptiveChoice[];
  /** Whether the next request comes as soon as there is room, and not at a rate of its own. */
  readonly isClosed: boolean;
  readonly deployOptions: AdapterOptions['deployOptions'];
  readonly keepLearned: () => Promise<unknown>;
  /** AdapterOptions.aside */
  readonly aside: readonly number[];
  /** Path of what is wanted of the run. @default what the problem says, all the time */
  readonly mission?: string;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/** Does `work` while the gateway adapts; where there is no other plan and no mission, just does it. */
export async function whileAdapting<Result>(
  { first, others, isClosed, mission, progress, keepLearned, ...options }: AdaptedStream,
  work: () => Promise<Result>,
): Promise<Result> {
  if (others.length === 0 && mission === undefined) return await work();
  const start = systemClock.now();
  const log = (line: string): void => progress(`${(systemClock.now() - start).toFixed(1)} s: ${line}`);
  const objective = objectiveOf(options.problem, isClosed);
  const notKept = (cause: unknown): void =>
    log(`what was learned is not kept: ${errorRecord(cause).message}`);
  const adapter = new GatewayAdapter({
    ...options,
    choices: [first, ...others],
    keepLearned: () => keepLearned().catch(notKept),
    settings: { objective },
    clock: systemClock,
    log,
  });
  const ended = new AbortController();
  const signal = AbortSignal.any([options.signal, ended.signal]);
  const command = (told: MissionCommand): void => adapter.command(told);
  const following =
    mission === undefined
      ? null
      : followMission({ path: mission, objective, command, progress: log, signal });
  try {
    return await work();
  } finally {
    ended.abort();
    await following;
    await adapter.stop();
  }
}

/**
 * Has every device load each plan once, so that segments are where they may be needed and it is known how long loading takes. A plan that cannot be
 * loaded is no choice.
 */
export async function rehearse(
  gateway: Gateway,
  choices: readonly AdaptiveChoice[],
  { signal, progress }: Pick<AdaptedStream, 'signal' | 'progress'>,
): Promise<readonly AdaptiveChoice[]> {
  const able: AdaptiveChoice[] = [];
  for (const choice of choices) {
    progress(`loading plan ${choices.indexOf(choice) + 1} of ${choices.length} that may be switched to`);
    try {
      const { matrices } = choice.decided?.(choice.plan.version) ?? {};
      const decided = matrices === undefined ? {} : { matrices };
      const loaded = await gateway.deploy(choice.deployment, choice.segments, { ...decided, signal });
      await gateway.withdraw(choice.plan.version, signal);
      able.push({ ...choice, loadSeconds: slowestSeconds(loaded) });
    } catch (error) {
      signal.throwIfAborted();
      progress(`a plan is left out: ${errorRecord(error).message}`);
    }
  }
  return able;
}

/** Devices load at the same time, each its stages one after the other. */
function slowestSeconds(loaded: readonly LoadedStage[]): number {
  const perDevice = new Map<string, number>();
  for (const { device, loadSeconds } of loaded)
    perDevice.set(device, (perDevice.get(device) ?? 0) + loadSeconds);
  return Math.max(0, ...perDevice.values());
}

export function adaptedRow({ events }: Trace, plans: number): AdaptedRow {
  const start = events.find(({ kind }) => kind === 'arrival')?.atSeconds ?? 0;
  const fromStart = <Event extends { readonly atSeconds: number }>(event: Event): Event => ({
    ...event,
    atSeconds: seconds(Math.max(0, event.atSeconds - start)),
  });
  return {
    plans,
    switches: events.flatMap((event) => (event.kind === 'replan' ? [fromStart(event)] : [])),
    decisions: events.flatMap((event) => (event.kind === 'adaptation' ? [fromStart(event)] : [])),
  };
}

export function adaptedLines({ plans, switches }: AdaptedRow): readonly string[] {
  const told = switches.map(
    ({ atSeconds, version, replaces, message }) =>
      `  ${atSeconds.toFixed(2)} s  plan ${replaces} gave way to ${version}: ${message}`,
  );
  const count = switches.length === 0 ? 'none was switched to' : `${switches.length} switches`;
  return [`Of ${plans} plans to choose from, ${count}.`, ...told];
}

/** Who sends the next request as soon as there is room waits for the pace, whatever a single request takes. */
function objectiveOf({ objective }: Problem, isClosed: boolean): NonNullable<DynamicsSettings['objective']> {
  if (objective.kind === 'period' || (isClosed && objective.kind !== 'energy')) return 'throughput';
  return objective.kind === 'energy' ? 'energy' : 'latency';
}
