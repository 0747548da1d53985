import { seconds } from '../units.ts';
import type { RunningStage } from './agent-event.ts';
import type { AgentRequest, StageState } from './agent-state.ts';
import { type AgentWork, planOf } from './agent-work.ts';

/**
 * A stage is overdue after twice its predicted 99th percentile, or the longest that it took of late where that is more, and after so long
 * at least; where nothing is known yet, after this long.
 */
const leastSeconds = 2;
const firstSeconds = 60;
/** What the longest time of late is worth after each further run. */
const fading = 0.98;

/** Notes when a stage that starts is overdue, where the gateway wants to know. */
export function beginToWatch(
  { state, now }: AgentWork,
  { slowestSeconds, stage: { p99Seconds } }: StageState,
  requests: readonly AgentRequest[],
): void {
  state.runningSince = now;
  if (requests[0]?.plan.plan.repair === undefined) return;
  const isKnown = slowestSeconds !== null || p99Seconds !== undefined;
  const usual = isKnown ? 2 * Math.max(slowestSeconds ?? 0, p99Seconds ?? 0) * requests.length : firstSeconds;
  state.overdueAt = seconds(now + Math.max(leastSeconds, usual));
}

export function noteOverdue({ state, now, actions }: AgentWork): void {
  const { running, runningSince, overdueAt } = state;
  if (running === null || runningSince === null || overdueAt === null || now < overdueAt) return;
  state.overdueAt = null;
  const { version, stage } = running;
  actions.push({ kind: 'overdue', version, stage, seconds: seconds(now - runningSince) });
}

/** A stage has ended: how long it took says how long the next may take. */
export function endWatching({ state, now }: AgentWork, { version, stage, requests }: RunningStage): void {
  const since = state.runningSince;
  state.runningSince = null;
  state.overdueAt = null;
  const own = planOf(state, version)?.stages.find((other) => other.stage.stage === stage);
  if (own === undefined || since === null) return;
  const each = (now - since) / Math.max(1, requests.length);
  own.slowestSeconds = Math.max(each, fading * (own.slowestSeconds ?? 0));
}
