import { admittedFrom } from './admitted-from.ts';
import { conditionsOf, objectiveOf } from './choose-option.ts';
import type { DynamicsEvent } from './dynamics-event.ts';
import {
  ask,
  type DynamicsState,
  type DynamicsWork,
  type LoadState,
  leastCalmSeconds,
} from './dynamics-state.ts';
import { exitEffect } from './exit-factor.ts';
import { climbLadder, rungs } from './ladder.ts';
import { busiestSeconds } from './plan-option.ts';

/** Time constant of the count of arrivals, and what is counted before that is long enough to mean anything. */
const countSeconds = 10;
const leastCountSeconds = 2;
/** Plans are weighed for another rate of arrivals when it differs by so much. */
const news = 0.3;
const busy = 0.85;
const idle = 0.7;
/** What lasts so long is no chance. */
const lastsSeconds = 2;
/** An overload that comes back as soon as it was over is believed to be over twice as late the next time, up to this. */
const mostCalmSeconds = 640;

export function watchArrival({ state, now }: DynamicsWork): void {
  const { load } = state;
  load.counted = load.counted * Math.exp(-(now - load.countedAt) / countSeconds) + 1 / countSeconds;
  load.countedAt = now;
  const elapsed = now - load.countedSince;
  if (elapsed < leastCountSeconds) return;
  const rate = load.counted / (1 - Math.exp(-elapsed / countSeconds));
  if (Math.abs(rate / load.requestsPerSecond - 1) <= news) return;
  ask(state, 'load', `${rate.toPrecision(3)} requests come each second`);
  load.requestsPerSecond = rate;
}

export function watchLoad(work: DynamicsWork, event: Extract<DynamicsEvent, { kind: 'load' }>): void {
  const { state, now } = work;
  const { load } = state;
  const offered = offeredUse(state);
  const use = Math.max(event.utilisation, offered);
  // What was measured under the plan before says nothing about this one.
  if (now < state.switches.switchedAt + lastsSeconds) {
    load.overSince = null;
    return;
  }
  const isLate = load.goalSeconds !== null && (event.p95Seconds ?? 0) > load.goalSeconds;
  const isOver = load.isOver ? use > idle || isLate : use > busy || isLate;
  if (isOver === load.isOver) load.overSince = null;
  else load.overSince ??= now;
  const lasts = load.isOver ? load.calmSeconds : lastsSeconds;
  if (load.overSince !== null && now >= load.overSince + lasts) turn(load, isOver, now);
  const late = isLate
    ? `, and 95 % of the answers take up to ${event.p95Seconds?.toPrecision(3) ?? ''} s`
    : '';
  climb(work, `the busiest part is asked for ${(100 * use).toFixed(0)} % of its time${late}`);
}

function turn(load: LoadState, isOver: boolean, now: number): void {
  const isBack = load.overUntil !== null && now < load.overUntil + 2 * load.calmSeconds;
  if (isOver) load.calmSeconds = isBack ? Math.min(mostCalmSeconds, 2 * load.calmSeconds) : leastCalmSeconds;
  else load.overUntil = now;
  load.isOver = isOver;
  load.overSince = null;
}

/** By all that arrive, those included that are shed: an exit by what is let in would let the load in again. */
function offeredUse(state: DynamicsState): number {
  const own = state.options.find(({ version }) => version === state.current);
  if (own === undefined) return 0;
  const busiest = busiestSeconds(own, conditionsOf(state));
  return Number.isFinite(busiest) ? state.load.requestsPerSecond * busiest : 0;
}

function climb({ state, now, actions }: DynamicsWork, saw: string): void {
  const { load, limits } = state;
  const objectiveBefore = objectiveOf(state);
  const admittedBefore = admittedFrom(state);
  const climbed = climbLadder(load.ladder, {
    dynamic: 'load',
    wanted: load.isOver ? rungs.load.length : 0,
    now,
    dwellSeconds: limits.dwellSeconds.load,
    saw,
    effectOf: (reaction) => {
      if (reaction === 'exit-threshold') return exitEffect(state);
      const objective = objectiveOf(state);
      if (reaction === 'objective')
        return objective === objectiveBefore ? null : { kind: 'objective', objective };
      const leastPriority = admittedFrom(state);
      return leastPriority === admittedBefore ? null : { kind: 'admission', leastPriority };
    },
  });
  if (climbed === null) return;
  actions.push(climbed.action);
  if (climbed.reaction === 'objective') ask(state, 'load', saw);
}
