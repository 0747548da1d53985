import type { DynamicsEvent } from './dynamics-event.ts';
import { ask, type DynamicsState, type DynamicsWork, type LinkState } from './dynamics-state.ts';
import { levelWatch, sampleLevel } from './level-watch.ts';

type Of<Kind> = Extract<DynamicsEvent, { kind: Kind }>;

export const linkKey = (from: string, to: string): string => JSON.stringify([from, to]);

function linkOf({ links }: DynamicsState, from: string, to: string): LinkState {
  const key = linkKey(from, to);
  const known = links[key];
  if (known !== undefined) return known;
  const fresh = {
    rate: levelWatch(),
    quickness: levelWatch(),
    firstRoundTripSeconds: null,
    isUp: true,
    wasDown: false,
  };
  links[key] = fresh;
  return fresh;
}

export function watchGoodput({ state, now }: DynamicsWork, { from, to, bitsPerSecond }: Of<'goodput'>): void {
  const link = linkOf(state, from, to);
  if (!link.isUp || link.wasDown) {
    link.wasDown = !link.isUp;
    return;
  }
  const before = link.rate.level ?? plannedRate(state, from, to);
  if (!sampleLevel(link.rate, bitsPerSecond, now, state.limits.rate)) return;
  const is = megabits(link.rate.level ?? 0);
  if (before === null || isNews(before, link.rate.level ?? 0))
    ask(
      state,
      'network',
      `${from} > ${to} carries ${is}${before === null ? '' : ` instead of ${megabits(before)}`}`,
    );
}

/** A first measurement that agrees with the plan is none. */
const isNews = (before: number, now: number): boolean => Math.abs(now / before - 1) > 1e-9;

function plannedRate({ options }: DynamicsState, from: string, to: string): number | null {
  for (const { links } of options)
    for (const link of links) if (link.from === from && link.to === to) return link.bitsPerSecond;
  return null;
}

const megabits = (bitsPerSecond: number): string => `${(bitsPerSecond / 1e6).toPrecision(3)} Mbit/s`;

export function watchRoundTrip({ state, now }: DynamicsWork, { from, to, seconds }: Of<'round-trip'>): void {
  const link = linkOf(state, from, to);
  link.firstRoundTripSeconds ??= seconds;
  const isFirst = link.quickness.level === null;
  if (sampleLevel(link.quickness, 1 / seconds, now, state.limits.rate) && !isFirst)
    ask(state, 'network', `a round trip from ${from} to ${to} takes ${(1e3 * seconds).toPrecision(3)} ms`);
}

export function watchLink({ state }: DynamicsWork, { from, to, isUp }: Of<'link'>): void {
  const link = linkOf(state, from, to);
  if (link.isUp === isUp) return;
  link.isUp = isUp;
  link.wasDown = true;
  ask(state, 'network', `${from} > ${to} is ${isUp ? 'back' : 'down'}`);
}
