import type { Dynamic, Reaction } from './dynamics-action.ts';
import type { Due, DynamicsState, DynamicsWork } from './dynamics-state.ts';
import { rungNumber } from './ladder.ts';
import {
  type Conditions,
  costOf,
  type DynamicsObjective,
  type PlanOption,
  sojournSeconds,
} from './plan-option.ts';
import { holdOf, netGain, noteSwitch } from './switch-judge.ts';
import { countedSpeed } from './watch-heat.ts';
import { linkKey } from './watch-network.ts';

/** What is known of links, devices and arrivals now. */
export function conditionsOf(state: DynamicsState): Conditions {
  const { links, load, limits } = state;
  return {
    rate: ({ from, to, bitsPerSecond }) => {
      const link = links[linkKey(from, to)];
      return link?.isUp === false ? 0 : (link?.rate.level ?? bitsPerSecond);
    },
    delaySeconds: ({ from, to }) => {
      const { quickness, firstRoundTripSeconds } = links[linkKey(from, to)] ?? {};
      if (quickness?.level == null || firstRoundTripSeconds == null) return 0;
      return (1 / quickness.level - firstRoundTripSeconds) / 2;
    },
    speed: (device) => countedSpeed(state, device),
    requestsPerSecond: load.requestsPerSecond,
    horizonSeconds: limits.switching.horizonSeconds,
  };
}

interface Priced {
  readonly option: PlanOption;
  readonly cost: number;
  readonly seconds: number;
}

/**
 * Weighs the plans that there are, when something asked for it: the one that gains most beyond what the switch to it costs, of equals
 * the cheapest kind of switch. What is hard (a failure, a constraint that the plan in use breaks, a command) takes the best at once;
 * else the gain must pay for the switch, and dwell and damping must allow it. Returns when to look again; null = not before
 * something else happens.
 */
export function chooseOption(work: DynamicsWork): number | null {
  const { state, now } = work;
  const { due, limits } = state;
  if (due === null) return null;
  const priced = pricedOptions(state);
  const own = priced.find(({ option }) => option.version === state.current);
  const isHard = due.dynamic === 'mission' || own === undefined;
  const best = bestOf(state, priced, own, isHard);
  if (best === undefined || best === own) {
    settle(work, due, priced, own === undefined ? 'no plan can run' : whyStay(priced, own));
    return null;
  }
  const hold = isHard
    ? null
    : holdOf(state.switches, limits.dwellSeconds[due.dynamic], now, limits.switching);
  if (hold !== null) {
    if (!due.isTold) tell(work, due, priced, hold.why);
    state.due = { ...due, isTold: true };
    return hold.untilSeconds;
  }
  noteSwitch(state.switches, isHard, now, limits.switching);
  switchTo(work, due, priced, own, best);
  return null;
}

function bestOf(
  state: DynamicsState,
  priced: readonly Priced[],
  own: Priced | undefined,
  isHard: boolean,
): Priced | undefined {
  const current = state.options.find(({ version }) => version === state.current);
  // Where nothing gains, nothing is switched.
  const rank = (one: Priced): number => (one === own ? -1 : rungOf(current, one.option));
  const value = (one: Priced): number => {
    if (own === undefined) return -one.cost;
    if (isHard) return own.cost - one.cost;
    return one === own ? 0 : netGain(offerOf(state, own, one), state.limits.switching);
  };
  return priced
    .map((one) => ({ one, value: value(one) }))
    .toSorted(
      (left, right) =>
        right.value - left.value ||
        rank(left.one) - rank(right.one) ||
        left.one.option.version - right.one.option.version,
    )[0]?.one;
}

/** A share of the objective that is saved counts as the same share of a request's time, whatever the objective is. */
function offerOf(
  { load }: DynamicsState,
  own: Priced,
  { option, cost }: Priced,
): Parameters<typeof netGain>[0] {
  const share = own.cost > 0 ? 1 - cost / own.cost : 0;
  const drain = option.cut === own.option.cut ? 0 : own.seconds;
  return {
    gainSeconds: own.seconds * share,
    requestsPerSecond: load.requestsPerSecond,
    switchSeconds: option.loadSeconds + drain,
  };
}

/** Those that can run and keep to the mission; deadlines and bits that none of them keeps to are left out of account. */
function pricedOptions(state: DynamicsState): readonly Priced[] {
  const { options, mission, quality } = state;
  const conditions = conditionsOf(state);
  const objective = objectiveOf(state);
  const able = options.flatMap((option): Priced[] => {
    const { accuracyLoss, model } = option;
    if (model !== mission.model || accuracyLoss > (mission.mostAccuracyLoss ?? 1)) return [];
    const cost = costOf(option, conditions, objective);
    const seconds = sojournSeconds(option, conditions);
    return cost === null || cost === Number.POSITIVE_INFINITY ? [] : [{ option, cost, seconds }];
  });
  const inTime = able.filter(
    ({ seconds }) => seconds <= (mission.deadlineSeconds ?? Number.POSITIVE_INFINITY),
  );
  const some = inTime.length > 0 ? inTime : able;
  const sure = some.filter(({ option: { bits } }) => bits === null || bits >= quality.leastBits);
  return sure.length > 0 ? sure : some;
}

/** Under load, the pace counts before the time of one request (DADS's rule). */
export function objectiveOf({ mission, load }: DynamicsState): DynamicsObjective {
  const isBusy = load.ladder.rung >= rungNumber('load', 'objective');
  return mission.objective === 'latency' && isBusy ? 'throughput' : mission.objective;
}

function switchTo(
  work: DynamicsWork,
  due: Due,
  priced: readonly Priced[],
  own: Priced | undefined,
  { option }: Priced,
): void {
  const { state, actions } = work;
  const from = state.current;
  const current = state.options.find(({ version }) => version === from);
  const what =
    own === undefined
      ? `the plan in use (${current?.name ?? from}) cannot run or breaks the mission`
      : due.dynamic === 'mission'
        ? `${option.name} is the best from now on`
        : `what ${option.name} gains pays for the switch`;
  const why = option.undecided === undefined ? what : `${what}; ${option.undecided}`;
  state.current = option.version;
  state.due = null;
  const reaction = reactionOf(current, option, due.dynamic);
  const effect = { kind: 'plan', from, to: option.version } as const;
  actions.push({ ...told(due, priced), why, reaction, effect });
}

function settle(work: DynamicsWork, due: Due, priced: readonly Priced[], why: string): void {
  tell(work, due, priced, why);
  work.state.due = null;
}

function tell({ actions }: DynamicsWork, due: Due, priced: readonly Priced[], why: string): void {
  actions.push({ ...told(due, priced), why, reaction: 'stay', effect: { kind: 'none' } });
}

const mostNamed = 4;

function told(
  { dynamic, saw }: Due,
  priced: readonly Priced[],
): { dynamic: Dynamic; saw: string; considered: string } {
  const sorted = priced.toSorted((left, right) => left.cost - right.cost);
  const named = sorted
    .slice(0, mostNamed)
    .map(({ option, seconds }) => `${option.name} ${(1e3 * seconds).toPrecision(3)} ms`);
  const others = sorted.length > mostNamed ? `, ${sorted.length - mostNamed} more` : '';
  return { dynamic, saw, considered: `${named.join(', ')}${others}` };
}

function whyStay(priced: readonly Priced[], own: Priced): string {
  return priced.every(({ cost }) => cost >= own.cost)
    ? `${own.option.name} is still the best`
    : `no plan gains as much as the switch to it costs`;
}

/** The cheapest kinds of switch first: bits, codec, another cut, nothing that crosses. */
function rungOf(current: PlanOption | undefined, option: PlanOption): number {
  if (option.cut === current?.cut) return option.bits === current.bits ? 1 : 0;
  return option.links.length === 0 ? 3 : 2;
}

function reactionOf(current: PlanOption | undefined, option: PlanOption, dynamic: Dynamic): Reaction {
  if (current !== undefined && option.model !== current.model) return 'model';
  const rung = rungOf(current, option);
  if (rung < 2) return rung === 0 ? 'bits' : 'codec';
  if (dynamic === 'failure') return 'reroute';
  if (dynamic === 'heat') return 'shift-layers';
  return rung === 3 ? 'local-fallback' : 'move-cut';
}
