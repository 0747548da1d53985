import { distributionDistance } from './distribution-distance.ts';
import type { DynamicsEvent } from './dynamics-event.ts';
import { ask, type DynamicsWork, type QualityState } from './dynamics-state.ts';
import { exitEffect } from './exit-factor.ts';
import { climbLadder, rungs } from './ladder.ts';

/** Requests in the reference, and of late. */
const window = 200;
/** Distributions are compared each so many requests. */
const stride = 50;
const mostDistance = 0.2;
/** The mean of so many of late may lie so many deviations of the reference below its mean. */
const short = 20;
const mostDeviations = 3;

export function watchConfidence(
  work: DynamicsWork,
  { value }: Extract<DynamicsEvent, { kind: 'confidence' }>,
): void {
  const { quality } = work.state;
  const { reference, recent } = quality;
  if (reference.length < window) {
    reference.push(value);
    return;
  }
  recent.push(value);
  if (recent.length > window) recent.shift();
  if (++quality.fresh < (recent.length < window ? short : stride)) return;
  quality.fresh = 0;
  const strange = strangeness(quality);
  if (strange !== null) climb(work, rungs.quality.length, strange);
  else if (recent.length === window) climb(work, 0, 'requests are again what was calibrated with');
}

/** What new requests look like counts as usual from now on. */
export function recalibrated(work: DynamicsWork): void {
  const { quality } = work.state;
  quality.reference.splice(0, quality.reference.length);
  quality.recent.length = 0;
  quality.fresh = 0;
  while (quality.ladder.rung > 0 && climb(work, 0, 'calibration has ended'));
}

function strangeness({ reference, recent }: QualityState): string | null {
  const usual = meanOf(reference);
  const deviation = Math.sqrt(meanOf(reference.map((value) => (value - usual) ** 2)));
  const now = meanOf(recent.slice(-short));
  if (recent.length >= short && now < usual - mostDeviations * deviation)
    return `the mean confidence of ${short} requests is ${now.toPrecision(3)}, calibrated: ${usual.toPrecision(3)}`;
  if (recent.length < window) return null;
  const distance = distributionDistance(reference, recent);
  return distance <= mostDistance
    ? null
    : `confidences of ${window} requests are ${distance.toPrecision(2)} from the calibrated ones`;
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

function climb({ state, now, actions }: DynamicsWork, wanted: number, saw: string): boolean {
  const { quality } = state;
  const climbed = climbLadder(quality.ladder, {
    dynamic: 'quality',
    wanted,
    now,
    dwellSeconds: 0,
    saw,
    effectOf: (reaction, isTaken) => {
      if (reaction === 'exit-threshold') return exitEffect(state);
      return { kind: reaction === 'recalibrate' && isTaken ? 'recalibrate' : 'none' };
    },
  });
  if (climbed === null) return false;
  actions.push(climbed.action);
  if (climbed.reaction === 'bits') {
    const own = state.options.find(({ version }) => version === state.current)?.bits ?? null;
    quality.leastBits = climbed.isTaken && own !== null ? own + 1 : 0;
    ask(state, 'quality', saw);
  }
  return true;
}

const meanSeconds = 1;
/** A sensor that is better by so much, for so long, is switched to. */
const muchBetter = 1.1;
const stableSeconds = 5;

export function watchSensor(
  { state, now, actions }: DynamicsWork,
  { sensor, quality: sample }: Extract<DynamicsEvent, { kind: 'sensor' }>,
): void {
  const { quality } = state;
  const { sensors } = quality;
  const known = sensors[sensor] ?? { quality: sample, at: now };
  const weight = 1 - Math.exp(-(now - known.at) / meanSeconds);
  sensors[sensor] = { quality: known.quality + weight * (sample - known.quality), at: now };
  const own = sensors[quality.sensor ?? '']?.quality;
  const best = Object.entries(sensors).toSorted(
    ([left, one], [right, other]) => other.quality - one.quality || (left < right ? -1 : 1),
  )[0];
  if (own === undefined || best === undefined || best[1].quality <= muchBetter * own) {
    quality.better = null;
    return;
  }
  const [name] = best;
  if (quality.better?.sensor !== name) quality.better = { sensor: name, since: now };
  if (now < quality.better.since + stableSeconds) return;
  const all = Object.entries(sensors).map(([one, { quality: of }]) => `${one} ${of.toPrecision(2)}`);
  actions.push({
    dynamic: 'quality',
    reaction: 'switch-sensor',
    saw: `${quality.sensor ?? ''} has quality ${own.toPrecision(2)}`,
    considered: all.sort().join(', '),
    why: `${name} has been better by more than a tenth for ${stableSeconds} s`,
    effect: { kind: 'sensor', sensor: name },
  });
  quality.sensor = name;
  quality.better = null;
}
