import { type Seconds, seconds } from '../../units.ts';

/** How long silence may last, and how it is made sure of. */
export interface LivenessLimits {
  /** A device that has said nothing for so long is asked for a sign of life. */
  readonly heartbeatSeconds: Seconds;
  /** Least silence that makes a device suspected. */
  readonly silenceSeconds: Seconds;
  /** For a suspected device to answer a connection of its own. */
  readonly probeSeconds: Seconds;
}

export const livenessLimits: LivenessLimits = {
  heartbeatSeconds: seconds(0.1),
  silenceSeconds: seconds(0.4),
  probeSeconds: seconds(1),
};

/** What is known of one device's life; `stepLiveness` changes it in place. */
export interface Liveness {
  readonly limits: LivenessLimits;
  phase: 'trusted' | 'suspected' | 'lost';
  heardAt: number;
  /** The longest silence of late that ended by itself, fading. */
  longestGap: number;
  pingAt: number;
  /** Answered probes in a row without a word on the connection itself. */
  probesAnswered: number;
  probing: boolean;
  /** Since when a stage has been overdue; null = none is. */
  overdue: { readonly since: number; readonly until: number } | null;
  /** When it asked to be woken. */
  dueAt: number;
}

export type LivenessEvent =
  /** The device said something. */
  | { readonly kind: 'heard' }
  /** Its connection has ended: nothing needs to be made sure of. */
  | { readonly kind: 'closed' }
  /** Somebody else cannot reach it. */
  | { readonly kind: 'accused' }
  | { readonly kind: 'probed'; readonly answered: boolean }
  /** The device says that a stage has run for so long, longer than it should. */
  | { readonly kind: 'overdue'; readonly seconds: number }
  /** A stage of it has ended. */
  | { readonly kind: 'progressed' }
  /** This side keeps the connection busy, or has the device do what takes it long: silence means nothing from now on. */
  | { readonly kind: 'excused' }
  | { readonly kind: 'tick' };

export type LivenessAction =
  | { readonly kind: 'ping' }
  /** Connect anew and ask who is there; 'probed' follows. */
  | { readonly kind: 'probe'; readonly withinSeconds: number }
  | { readonly kind: 'suspect' | 'lose'; readonly why: string }
  | { readonly kind: 'trust' };

export interface LivenessStep {
  readonly actions: readonly LivenessAction[];
  /** When to send a 'tick' at the latest; null = never again. */
  readonly wakeAt: Seconds | null;
}

/** A gap that was seen to end says that half as long again is nothing to worry about. */
const gapFactor = 1.5;
/** In so many seconds a gap that was seen counts for a third. */
const gapMemorySeconds = 60;
/** However unsteady a device is. */
const mostSilenceSeconds = 10;
/** A device that answers others, but not on this connection, has lost it after so many rounds. */
const mostProbes = 3;
/** What is due so soon is due now: an alarm rings at a rounded time, and would be set again and again for what is left. */
const slackSeconds = 1e-6;

export function initialLiveness(limits: LivenessLimits, now: Seconds): Liveness {
  return {
    limits,
    phase: 'trusted',
    heardAt: now,
    longestGap: 0,
    pingAt: now,
    probesAnswered: 0,
    probing: false,
    overdue: null,
    dueAt: now,
  };
}

/**
 * Whether a device lives. Silence beyond what is usual for it, an accusation and a stage past its time only make it suspected; what makes
 * it lost is the end of its connection, a probe that finds nobody, or a stage that is as late again. The usual is the longest silence
 * of late that ended by itself, because what delays a busy machine has no distribution to speak of. Time by which
 * this side came late to its own alarm is no silence.
 */
export function stepLiveness(state: Liveness, event: LivenessEvent, now: Seconds): LivenessStep {
  const actions: LivenessAction[] = [];
  if (state.phase === 'lost') return { actions, wakeAt: null };
  discountOwnDelay(state, now);
  apply(state, event, now, actions);
  if (event.kind === 'tick') watch(state, now, actions);
  state.dueAt = dueAt(state);
  const isOver = (state.phase as Liveness['phase']) === 'lost' || state.dueAt === Number.POSITIVE_INFINITY;
  return { actions, wakeAt: isOver ? null : seconds(Math.max(now, state.dueAt)) };
}

/** Silence after which the device is suspected. */
function silenceLimit({ limits, longestGap }: Liveness): number {
  return Math.min(mostSilenceSeconds, Math.max(limits.silenceSeconds, gapFactor * longestGap));
}

function discountOwnDelay(state: Liveness, now: number): void {
  const late = now - state.dueAt;
  if (late <= state.limits.heartbeatSeconds / 2) return;
  state.heardAt = Math.min(now, state.heardAt + late);
  if (state.overdue !== null) state.overdue = { ...state.overdue, until: state.overdue.until + late };
  state.dueAt = now;
}

function apply(state: Liveness, event: LivenessEvent, now: number, actions: LivenessAction[]): void {
  switch (event.kind) {
    case 'heard':
      return hear(state, now, actions);
    case 'excused':
      state.heardAt = Math.max(state.heardAt, now);
      state.pingAt = Math.max(state.pingAt, now);
      return trust(state, actions);
    case 'closed':
      return lose(state, 'its connection ended', actions);
    case 'accused':
      return suspect(state, 'another device cannot reach it', actions);
    case 'overdue':
      if (state.overdue !== null) return;
      state.overdue = { since: now, until: now + event.seconds };
      return suspect(state, `a stage has run for ${event.seconds.toFixed(1)} s`, actions);
    case 'progressed':
      state.overdue = null;
      if (!state.probing) trust(state, actions);
      return;
    case 'probed':
      return probed(state, event.answered, now, actions);
    case 'tick':
      return;
  }
}

function hear(state: Liveness, now: number, actions: LivenessAction[]): void {
  const gap = now - state.heardAt;
  const faded = state.longestGap * Math.exp(-gap / gapMemorySeconds);
  state.longestGap = Math.max(gap, faded);
  state.heardAt = now;
  state.probesAnswered = 0;
  if (state.overdue === null) trust(state, actions);
}

/** Whoever was heard meanwhile needs no probe. */
function probed(state: Liveness, answered: boolean, now: number, actions: LivenessAction[]): void {
  state.probing = false;
  if (state.phase !== 'suspected') return;
  if (!answered) return lose(state, 'nobody answers a new connection to it', actions);
  state.probesAnswered++;
  if (state.probesAnswered >= mostProbes)
    return lose(state, 'it answers new connections, but not the one it serves', actions);
  state.heardAt = now;
  if (state.overdue === null) trust(state, actions);
}

function watch(state: Liveness, now: number, actions: LivenessAction[]): void {
  const { heartbeatSeconds } = state.limits;
  const reached = now + slackSeconds;
  if (state.overdue !== null && reached >= state.overdue.until)
    return lose(state, 'a stage does not end', actions);
  if (reached >= state.heardAt + silenceLimit(state) && !state.probing)
    suspect(state, `it has been silent for ${(now - state.heardAt).toFixed(3)} s`, actions);
  if (reached < state.pingAt) return;
  const pingAt = state.heardAt + heartbeatSeconds;
  if (reached >= pingAt) actions.push({ kind: 'ping' });
  state.pingAt = reached >= pingAt ? now + heartbeatSeconds : pingAt;
}

function suspect(state: Liveness, why: string, actions: LivenessAction[]): void {
  if (state.phase === 'trusted') actions.push({ kind: 'suspect', why });
  state.phase = 'suspected';
  if (state.probing) return;
  state.probing = true;
  const withinSeconds = Math.max(state.limits.probeSeconds, 2 * silenceLimit(state));
  actions.push({ kind: 'probe', withinSeconds });
}

function trust(state: Liveness, actions: LivenessAction[]): void {
  if (state.phase !== 'suspected') return;
  state.phase = 'trusted';
  actions.push({ kind: 'trust' });
}

function lose(state: Liveness, why: string, actions: LivenessAction[]): void {
  state.phase = 'lost';
  actions.push({ kind: 'lose', why });
}

function dueAt(state: Liveness): number {
  const silent = state.probing ? Number.POSITIVE_INFINITY : state.heardAt + silenceLimit(state);
  return Math.min(state.pingAt, silent, state.overdue?.until ?? Number.POSITIVE_INFINITY);
}
