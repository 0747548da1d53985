import {
  evaluate,
  type Plan,
  type Report,
  scheduleDefaults,
  seconds,
  type Trace,
  traceOf,
} from '@tandem/core';
import { systemClock } from '@tandem/node';
import { type AdaptiveChoice, type DeployOptions, type Gateway, plannedClocks } from '@tandem/runtime';
import { readToken } from '../agent/read-token.ts';
import type { RunFlags } from '../flags.ts';
import type { Output } from '../output.ts';
import type { PricedPlan } from '../plan/choose-plan.ts';
import type { Prepared } from '../plan/prepare.ts';
import { type AdaptedRow, adaptedRow, rehearse, whileAdapting } from './adapted-stream.ts';
import { openFleet } from './fleet.ts';
import { type StreamedFrames, streamFrames } from './frame-stream.ts';
import type { Frames } from './frames-of.ts';
import { keepingLearned } from './keeping-learned.ts';
import { requireToken } from './plan-for.ts';
import type { DecisionRow, RunDecisions } from './run-decisions.ts';
import { cargoOf, fleetDevices, slowProgress } from './split-run.ts';

export interface FrameRun {
  readonly prepared: Prepared;
  readonly plan: Plan;
  readonly report: Report;
  /** Plans that the stream may be switched to, each of a version of its own; none without --adapt. */
  readonly others: readonly Plan[];
  readonly planned: RunDecisions;
  readonly frames: Frames;
  readonly flags: RunFlags;
  readonly output: Output;
  readonly signal: AbortSignal;
}

export interface RanFrames {
  readonly streamed: StreamedFrames;
  readonly decisions: readonly DecisionRow[];
  /** Null without --adapt. */
  readonly adapted: AdaptedRow | null;
  /** Null where nobody asked for it. */
  readonly trace: Trace | null;
}

/** Brings agents and segments together and streams the frames through them, with --adapt under whichever plan is best by then. */
export async function runFrames(run: FrameRun): Promise<RanFrames> {
  const { prepared, plan, others, planned, flags, signal, output } = run;
  const { problem } = prepared;
  const { progress } = output;
  const token = flags.token === undefined ? undefined : await readToken(flags.token);
  const devices = fleetDevices({ problem, plan, others });
  requireToken(devices, token);
  const first = choiceOf(run, run);
  const choices = others.map((other) => choiceOf(run, { plan: other, report: evaluate(problem, other) }));
  const { transport } = flags;
  const fleet = await openFleet({
    devices,
    token,
    transport,
    pin: flags.pin === true,
    signal,
    log: progress,
  });
  const { gateway } = fleet;
  try {
    const able = await rehearse(gateway, choices, { signal, progress });
    await gateway.deploy(first.deployment, first.segments, {
      ...deployOptions(run, plan),
      matrices: planned.matrices,
      signal,
      onProgress: slowProgress(progress),
    });
    progress(`streaming ${run.frames.count} frames`);
    const startSeconds = systemClock.now();
    const streamed = await whileAdapting(
      {
        gateway,
        problem,
        first,
        others: able,
        isClosed: flags.rate === undefined,
        aside: [],
        deployOptions: (other) => deployOptions(run, other),
        keepLearned: () => planned.collect(gateway, signal),
        signal,
        progress,
      },
      () => streamedFrames(run, gateway),
    );
    const decisions = await planned.learned(gateway, signal);
    const whole = isTraced(flags) ? since(await gateway.trace(signal), startSeconds) : null;
    const adapted = flags.adapt === true && whole !== null ? adaptedRow(whole, able.length + 1) : null;
    const isWanted = flags.trace !== undefined || flags.perfetto !== undefined;
    return { streamed, decisions, adapted, trace: isWanted ? whole : null };
  } finally {
    await fleet.close();
  }
}

/** As it is deployed, with what is decided under it. */
function choiceOf({ prepared, planned, flags }: FrameRun, { plan, report }: PricedPlan): AdaptiveChoice {
  const { loaded, problem } = prepared;
  const { optimisation, timeout: timeoutSeconds } = flags;
  const decided = (version: number): ReturnType<RunDecisions['under']> =>
    planned.under({ plan, report }, version);
  const { decisions } = decided(plan.version);
  const cargo = cargoOf({ loaded, problem, plan, report, optimisation, timeoutSeconds, decisions });
  return { plan, decided, ...cargo };
}

function deployOptions(
  { prepared, flags, frames }: FrameRun,
  plan: Plan,
): Omit<DeployOptions, 'signal' | 'matrices'> {
  const { problem } = prepared;
  return {
    window: flags.window ?? scheduleDefaults.window,
    waiting: Math.max(scheduleDefaults.waiting, frames.count),
    ordered: true,
    clocks: plannedClocks(problem, plan),
    ...(isTraced(flags) ? { trace: { model: problem.graph.name, planner: plan.planner } } : {}),
  };
}

/** Adapting goes by the trace. */
const isTraced = ({ trace, perfetto, adapt }: RunFlags): boolean =>
  trace !== undefined || perfetto !== undefined || adapt === true;

async function streamedFrames(
  { planned, frames, flags, signal, output }: FrameRun,
  gateway: Gateway,
): Promise<StreamedFrames> {
  const { progress } = output;
  const save = (): Promise<unknown> => planned.learned(gateway, signal);
  return await keepingLearned({ isKept: planned.isKept, save, signal, progress }, () =>
    streamFrames(gateway, {
      frames,
      perSecond: flags.rate ?? null,
      window: flags.window ?? scheduleDefaults.window,
      timeoutSeconds: seconds(flags.timeout),
      signal,
      progress,
    }),
  );
}

/** What happened before the frames came is none of theirs. */
function since({ header, events }: Trace, startSeconds: number): Trace {
  return traceOf(
    header,
    events.filter(({ atSeconds }) => atSeconds >= startSeconds),
  );
}
