import type { DynamicsAction, Effect, Reaction } from './dynamics-action.ts';
import type { DynamicsEvent } from './dynamics-event.ts';
import { ask, type DeviceState, type DynamicsState, type DynamicsWork } from './dynamics-state.ts';
import { exitEffect } from './exit-factor.ts';
import { ladder, stepLadder } from './ladder.ts';
import { ratioWatch, sampleRatio } from './ratio-watch.ts';

type Of<Kind> = Extract<DynamicsEvent, { kind: Kind }>;

/** So near to its limit a device is hot, and so far from it no longer. */
const hotCelsius = 5;
const coolCelsius = 12;
/** A battery that has come up by so much beyond its limit is out of it. */
const gap = 0.05;
const lowShare = 0.3;
const criticalShare = 0.15;

/** The rungs of a hot device, or of one whose battery runs out; the first is 1. */
const rungs = ['clocks', 'shift-layers', 'exit-threshold', 'duty-cycle', 'refuse'] as const;
const lowRung = 3;
const shiftRung = 2;
const refuseRung = rungs.length;

function deviceOf({ devices }: DynamicsState, device: string): DeviceState {
  const known = devices[device];
  if (known !== undefined) return known;
  const flags = { isHere: true, heat: 'cool', isThrottled: false, battery: 'enough' } as const;
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
  takeRatio(state, device, 1 / share);
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

function climb(work: DynamicsWork, device: string, saw: string): void {
  const { state, now, actions } = work;
  const known = deviceOf(state, device);
  const from = known.ladder.rung;
  const isWorst = known.heat === 'hot' || known.isThrottled || known.battery === 'critical';
  const least = known.battery === 'low' ? lowRung : 0;
  const wanted = isWorst ? refuseRung : known.heat === 'warm' ? Math.max(from, least) : least;
  const way = stepLadder(known.ladder, wanted, now, state.limits.dwellSeconds.heat);
  if (way === 0) return;
  const rung = way > 0 ? from + 1 : from;
  const reaction = rungs[rung - 1] ?? 'clocks';
  const why = way > 0 ? 'the next cheapest reaction is taken' : 'the last reaction is taken back';
  const considered = `rung ${known.ladder.rung} of ${refuseRung}: ${rungs.slice(0, known.ladder.rung).join(', ') || 'none'}`;
  actions.push({
    dynamic: 'heat',
    saw,
    considered,
    why,
    reaction,
    effect: effectOf(state, device, reaction, way > 0),
  });
  if (rung === shiftRung || rung === refuseRung)
    ask(state, 'heat', `${saw}, so that it counts as ${way > 0 ? 'slower' : 'faster'}`);
}

function effectOf(
  state: DynamicsState,
  device: string,
  reaction: Reaction,
  isTaken: boolean,
): DynamicsAction['effect'] {
  const effects: Partial<Record<Reaction, Effect>> = {
    clocks: { kind: 'clock', device, share: isTaken ? 0.8 : 1 },
    'exit-threshold': exitEffect(state),
    'duty-cycle': { kind: 'duty-cycle', device, share: isTaken ? 0.5 : 1 },
    refuse: { kind: 'refuse', device, isRefused: isTaken },
  };
  return effects[reaction] ?? { kind: 'none' };
}
