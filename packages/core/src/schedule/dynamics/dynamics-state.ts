import type { Dynamic, DynamicsAction } from './dynamics-action.ts';
import { type Ladder, ladder } from './ladder.ts';
import { type LevelLimits, type LevelWatch, rateLimits } from './level-watch.ts';
import type { DynamicsObjective, PlanOption } from './plan-option.ts';
import type { RatioWatch } from './ratio-watch.ts';
import { type SwitchHistory, type SwitchLimits, switchHistory, switchLimits } from './switch-judge.ts';

export interface DynamicsSettings {
  readonly options: readonly PlanOption[];
  /** The version in use. */
  readonly current: number;
  /** @default the first option's */
  readonly model?: string;
  /** @default latency */
  readonly objective?: DynamicsObjective;
  /** What 95 % of the answers should take at most. @default no goal */
  readonly goalSeconds?: number;
  /** Of the classes that there are, ascending. @default one class */
  readonly priorities?: readonly number[];
  /** Where inputs come from. @default not chosen */
  readonly sensor?: string;
  readonly limits?: Partial<DynamicsLimits>;
}

export interface DynamicsLimits {
  readonly rate: LevelLimits;
  readonly switching: SwitchLimits;
  /** Between two switches that something this slow asks for. */
  readonly dwellSeconds: Readonly<Record<Dynamic, number>>;
}

/** Of an overload: a random load has pauses. */
export const leastCalmSeconds = 10;

const dwellSeconds = { network: 2, failure: 0, heat: 10, mission: 0, quality: 2, load: 2 };

/** All that adaptation remembers; `stepDynamics` changes it in place. JSON-able. */
export interface DynamicsState {
  options: readonly PlanOption[];
  current: number;
  readonly limits: DynamicsLimits;
  readonly switches: SwitchHistory;
  /** A plan is to be weighed, as soon as that is allowed. */
  due: Due | null;
  readonly links: Record<string, LinkState>;
  readonly devices: Record<string, DeviceState>;
  readonly mission: MissionState;
  readonly quality: QualityState;
  readonly load: LoadState;
}

export interface Due {
  readonly dynamic: Dynamic;
  readonly saw: string;
  /** That it has to wait was told. */
  readonly isTold: boolean;
}

export interface LinkState {
  readonly rate: LevelWatch;
  /** Of 1 / round trip, so that a longer one is a fall. */
  readonly quickness: LevelWatch;
  firstRoundTripSeconds: number | null;
  isUp: boolean;
  /** The next transfer to end may have waited for the link. */
  wasDown: boolean;
}

export interface DeviceState {
  isHere: boolean;
  readonly slowdown: RatioWatch;
  /** Of what it takes longer, its clock is a reason. */
  isClockLow: boolean;
  /** Warm = neither: what was done is kept. */
  heat: 'cool' | 'warm' | 'hot';
  isThrottled: boolean;
  battery: 'enough' | 'low' | 'critical';
  readonly ladder: Ladder;
}

export interface MissionState {
  model: string;
  objective: DynamicsObjective;
  deadlineSeconds: number | null;
  mostAccuracyLoss: number | null;
  leastPriority: number | null;
  /** As JSON. */
  lastCommand: string;
  commandedAt: number;
}

export interface QualityState {
  readonly reference: number[];
  readonly recent: number[];
  /** Since the distributions were compared last. */
  fresh: number;
  readonly ladder: Ladder;
  leastBits: number;
  sensor: string | null;
  readonly sensors: Record<string, { quality: number; at: number }>;
  better: { readonly sensor: string; readonly since: number } | null;
}

export interface LoadState {
  readonly goalSeconds: number | null;
  readonly priorities: readonly number[];
  /** Arrivals a second, each counted less and less, as of `countedAt`; `countedSince` says how much is missing at the beginning. */
  counted: number;
  countedAt: number;
  readonly countedSince: number;
  /** What plans are made with. */
  requestsPerSecond: number;
  overSince: number | null;
  isOver: boolean;
  /** That it is over is believed after so long. */
  calmSeconds: number;
  overUntil: number | null;
  readonly ladder: Ladder;
}

export interface DynamicsWork {
  readonly state: DynamicsState;
  readonly now: number;
  readonly actions: DynamicsAction[];
}

export function initialDynamics(settings: DynamicsSettings, now: number): DynamicsState {
  const { options, current, model = options[0]?.model ?? '', objective = 'latency', limits } = settings;
  return {
    options,
    current,
    limits: { rate: rateLimits, switching: switchLimits, dwellSeconds, ...limits },
    switches: switchHistory(now),
    due: null,
    links: {},
    devices: {},
    mission: {
      model,
      objective,
      deadlineSeconds: null,
      mostAccuracyLoss: null,
      leastPriority: null,
      lastCommand: '',
      commandedAt: now,
    },
    quality: {
      reference: [],
      recent: [],
      fresh: 0,
      ladder: ladder(),
      leastBits: 0,
      sensor: settings.sensor ?? null,
      sensors: {},
      better: null,
    },
    load: {
      goalSeconds: settings.goalSeconds ?? null,
      priorities: settings.priorities ?? [0],
      counted: 0,
      countedAt: now,
      countedSince: now,
      requestsPerSecond: 0,
      overSince: null,
      isOver: false,
      calmSeconds: leastCalmSeconds,
      overUntil: null,
      ladder: ladder(),
    },
  };
}

/** Asks for a plan to be weighed; who waits less goes before who waits longer. */
export function ask(state: DynamicsState, dynamic: Dynamic, saw: string): void {
  const { due, limits } = state;
  const first =
    due !== null && limits.dwellSeconds[due.dynamic] < limits.dwellSeconds[dynamic] ? due.dynamic : dynamic;
  state.due = { dynamic: first, saw, isTold: false };
}
