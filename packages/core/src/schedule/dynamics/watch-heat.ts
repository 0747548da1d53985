import type { DynamicsEvent } from './dynamics-event.ts';
import { ask, type DeviceState, type DynamicsState, type DynamicsWork } from './dynamics-state.ts';
import { exitEffect } from './exit-factor.ts';
import { climbLadder, ladder, rungNumber, rungs } from './ladder.ts';
import { ratioWatch, sampleRatio } from './ratio-watch.ts';

type Of<Kind> = Extract<DynamicsEvent, { kind: Kind }>;

/** So near to its limit a device is hot, and so far from it no longer. */
const hotCelsius = 5;
const coolCelsius = 12;
/** A battery that has come up by so much beyond its limit is out of it. */
const gap = 0.05;
const lowShare = 0.3;
/** A clock of this share of the planned one, or more, is no reason. */
const nearlyPlanned = 0.9;
const criticalShare = 0.15;

/** A battery that is low asks for this much, one that is critical for all. */
const lowRung = rungNumber('heat', 'exit-threshold');
const shiftRung = rungNumber('heat', 'shift-layers');
const refuseRung = rungs.heat.length;

function deviceOf({ devices }: DynamicsState, device: string): DeviceState {
  const known = devices[device];
  if (known !== undefined) return known;
  const flags = {
    isHere: true,
    heat: 'cool',
    isThrottled: false,
    battery: 'enough',
    isClockLow: false,
  } as const;
  const fresh: DeviceState = { ...flags, slowdown: ratioWatch(), ladder: ladder() };
  devices[device] = fresh;
  return fresh;
}

/** How fast a device counts as when plans are weighed; 1 = as planned. */
export function countedSpeed({ devices }: DynamicsState, device: string): number {
  const state = devices[device];
  if (state === undefined) return 1;
  if (!state.isHere || state.ladder.rung >= refuseRung) return 0;
  // A hot device counts for less than it is, so that layers leave it before it slows down further.
  return (state.ladder.rung >= shiftRung ? 0.5 : 1) / state.slowdown.ratio;
}

export function watchStage(
  { state }: DynamicsWork,
  { device, predictedSeconds, measuredSeconds }: Of<'stage'>,
): void {
  takeRatio(state, device, measuredSeconds / predictedSeconds);
}

export function watchClock({ state }: DynamicsWork, { device, share }: Of<'clock'>): void {
  const known = deviceOf(state, device);
  // One that is as planned says nothing of what else makes stages slow; one that has come back does.
  const isLow = share < nearlyPlanned;
  if (!isLow && !known.isClockLow) return;
  takeRatio(state, device, 1 / share);
  known.isClockLow = isLow || known.slowdown.ratio > 1 / nearlyPlanned;
}

function takeRatio(state: DynamicsState, device: string, ratio: number): void {
  const { slowdown } = deviceOf(state, device);
  if (sampleRatio(slowdown, ratio))
    ask(state, 'heat', `${device} takes ${slowdown.ratio.toPrecision(3)} times as long as planned`);
}

export function watchDevice({ state }: DynamicsWork, { device, isHere }: Of<'device'>): void {
  const known = deviceOf(state, device);
  if (known.isHere === isHere) return;
  known.isHere = isHere;
  ask(state, 'failure', `${device} ${isHere ? 'is back' : 'was lost'}`);
}

export function watchTemperature(
  work: DynamicsWork,
  { device, celsius, limitCelsius }: Of<'temperature'>,
): void {
  const known = deviceOf(work.state, device);
  const isWarm = celsius >= limitCelsius - coolCelsius;
  known.heat = celsius > limitCelsius - hotCelsius ? 'hot' : isWarm ? 'warm' : 'cool';
  climb(work, device, `${device} is at ${celsius.toPrecision(3)} °C of ${limitCelsius} °C`);
}

export function watchThrottle(work: DynamicsWork, { device, isThrottled }: Of<'throttle'>): void {
  deviceOf(work.state, device).isThrottled = isThrottled;
  climb(work, device, `${device} ${isThrottled ? 'throttles itself' : 'does not throttle itself any more'}`);
}

export function watchBattery(work: DynamicsWork, { device, share }: Of<'battery'>): void {
  const known = deviceOf(work.state, device);
  const isWithin = (limit: number, was: boolean): boolean => share < limit + (was ? gap : 0);
  const wasCritical = known.battery === 'critical';
  const wasLow = known.battery !== 'enough';
  known.battery = isWithin(criticalShare, wasCritical)
    ? 'critical'
    : isWithin(lowShare, wasLow)
      ? 'low'
      : 'enough';
  climb(work, device, `the battery of ${device} is at ${(100 * share).toFixed(0)} %`);
}

function climb({ state, now, actions }: DynamicsWork, device: string, saw: string): void {
  const known = deviceOf(state, device);
  const isWorst = known.heat === 'hot' || known.isThrottled || known.battery === 'critical';
  const least = known.battery === 'low' ? lowRung : 0;
  const wanted = isWorst ? refuseRung : known.heat === 'warm' ? Math.max(known.ladder.rung, least) : least;
  const dwellSeconds = state.limits.dwellSeconds.heat;
  const climbed = climbLadder(known.ladder, {
    dynamic: 'heat',
    wanted,
    now,
    dwellSeconds,
    saw,
    effectOf: (reaction, isTaken) => {
      switch (reaction) {
        case 'clocks':
          return { kind: 'clock', device, share: isTaken ? 0.8 : 1 };
        case 'exit-threshold':
          return exitEffect(state);
        case 'duty-cycle':
          return { kind: 'duty-cycle', device, share: isTaken ? 0.5 : 1 };
        case 'refuse':
          return { kind: 'refuse', device, isRefused: isTaken };
        case 'shift-layers':
          return { kind: 'none' };
      }
    },
  });
  if (climbed === null) return;
  actions.push(climbed.action);
  if (climbed.reaction === 'shift-layers' || climbed.reaction === 'refuse')
    ask(state, 'heat', `${saw}, so that it counts as ${climbed.isTaken ? 'slower' : 'faster'}`);
}
