/** How eagerly plans are switched. */
export interface SwitchLimits {
  /** A gain counts for the requests of so long. */
  readonly horizonSeconds: number;
  /** What a switch has to gain beyond its cost, as a share of it. */
  readonly margin: number;
  /** In so long the penalty of switches halves. */
  readonly halfLifeSeconds: number;
  /** Each switch adds 1; above it nothing is switched any more … */
  readonly freezeAbove: number;
  /** … until the penalty is below that. */
  readonly thawBelow: number;
}

export const switchLimits: SwitchLimits = {
  horizonSeconds: 10,
  margin: 0.2,
  halfLifeSeconds: 30,
  freezeAbove: 3,
  thawBelow: 1,
};

/** When switches were made of late; `noteSwitch` changes it in place. JSON-able. */
export interface SwitchHistory {
  /** The first plan counts as switched to. */
  switchedAt: number;
  penalty: number;
  isFrozen: boolean;
}

export const switchHistory = (now: number): SwitchHistory => ({
  switchedAt: now,
  penalty: 0,
  isFrozen: false,
});

export interface SwitchOffer {
  /** By how much a request costs less. */
  readonly gainSeconds: number;
  readonly requestsPerSecond: number;
  /** Loading weights, and the pipeline that drains. */
  readonly switchSeconds: number;
}

/** What is left of an offer when its cost is paid; above 0 = worth it. */
export function netGain(offer: SwitchOffer, { horizonSeconds, margin }: SwitchLimits): number {
  const { gainSeconds, requestsPerSecond, switchSeconds } = offer;
  const cost = switchSeconds * (1 + margin);
  return cost === Number.POSITIVE_INFINITY
    ? Number.NEGATIVE_INFINITY
    : gainSeconds * requestsPerSecond * horizonSeconds - cost;
}

export interface Hold {
  /** Why nothing may be switched yet. */
  readonly why: string;
  /** When that can have changed. */
  readonly untilSeconds: number;
}

/** What keeps a plan from being switched now, whatever it would gain; null = nothing. Failures and broken constraints do not ask. */
export function holdOf(
  history: SwitchHistory,
  dwellSeconds: number,
  now: number,
  limits: SwitchLimits,
): Hold | null {
  const dwell = history.switchedAt + dwellSeconds;
  if (now < dwell) return { why: `the last switch is less than ${dwellSeconds} s ago`, untilSeconds: dwell };
  const penalty = penaltyAt(history, now, limits);
  const isFrozen = history.isFrozen && penalty >= limits.thawBelow;
  if (!isFrozen) return null;
  const thaws = now + limits.halfLifeSeconds * Math.log2(penalty / limits.thawBelow);
  // Rounding must not leave the alarm a moment too early for ever.
  const untilSeconds = Math.max(thaws, now) + 1e-3;
  return { why: 'there were too many switches of late', untilSeconds };
}

/** A switch that did not ask for leave is no sign of eagerness, and costs no penalty. */
export function noteSwitch(history: SwitchHistory, isHard: boolean, now: number, limits: SwitchLimits): void {
  const before = penaltyAt(history, now, limits);
  const wasFrozen = history.isFrozen && before >= limits.thawBelow;
  history.penalty = before + (isHard ? 0 : 1);
  history.switchedAt = now;
  history.isFrozen = wasFrozen || history.penalty > limits.freezeAbove;
}

function penaltyAt({ penalty, switchedAt }: SwitchHistory, now: number, limits: SwitchLimits): number {
  return penalty * 2 ** (-(now - switchedAt) / limits.halfLifeSeconds);
}
