import {
  codecName,
  type Metrics,
  metricsOf,
  type Plan,
  type Problem,
  powerFigures,
  type RawReason,
  type Report,
  type Seconds,
} from '@tandem/core';
import { isWebSocketAddress, type LabelledClass } from '@tandem/node';
import type { Answer, DeviceClock, JoinedAgent } from '@tandem/runtime';
import { type AccuracyExplanation, accuracyExplanation } from '../plan/accuracy-explanation.ts';
import { clocksNotSet, notExecuted } from '../plan/not-executed.ts';
import { computeErrorSeconds } from '../profile/compute-error.ts';
import type { AdaptedRow } from './adapted-stream.ts';
import type { CountedWay } from './counted-way.ts';
import type { Equality } from './equality.ts';
import type { DecisionRow } from './run-decisions.ts';
import type { DecidedFigures, JournalCounts, StreamFigures } from './stream-run.ts';

/** What `tandem run --json` prints. */
export interface RunResult {
  readonly model: string;
  readonly planner: string;
  readonly why: string;
  readonly predictions?: readonly LabelledClass[];
  /** True when the weights are seeded and mean nothing, or the input was generated. */
  readonly labelsMeanNothing: boolean;
  readonly equality: Equality;
  /** What the plan may cost in answers. */
  readonly accuracy: AccuracyExplanation;
  /** What the gateway speaks with the agents: 'tcp', 'websocket', or 'tcp and websocket'. */
  readonly transport: string;
  readonly agents: readonly AgentRow[];
  readonly stages: readonly StageRow[];
  readonly transfers: readonly TransferRow[];
  readonly predictedSeconds: Seconds;
  readonly predictedSource: Report['source'];
  /** How far the stages' times vary from pass to pass of the profile, in sum; null unless all were measured. */
  readonly computeErrorSeconds: number | null;
  /** From handing the inputs to the source's agent to the last output's arrival; the second of two requests. */
  readonly measuredSeconds: Seconds;
  /** The whole model on this machine with one thread, inside ONNX Runtime, the second of two runs. */
  readonly wholeModelSeconds: Seconds;
  /** Of --requests N, N above 1. */
  readonly stream?: StreamRow;
  /** Stages behind which it is decided about each of many requests; with --calibration. */
  readonly decisions: readonly DecisionRow[];
  /** What a person should know of that, one sentence each. */
  readonly notes: readonly string[];
  /** What devices did about the plan's clocks. */
  readonly clocks: readonly DeviceClock[];
  /** What the plan asks for and the runtime cannot do. */
  readonly notExecuted: readonly string[];
  /** Where another model is beside it. */
  readonly priority?: number;
  /** The other models on the same agents at the same time; their streams' metrics are of their own requests alone. */
  readonly beside?: readonly RunResult[];
}

export interface StreamRow {
  readonly answered: number;
  readonly failed: number;
  /**
   * Answers that are not bit for bit the first that came by the same way, which is held against the whole model; where it is decided about
   * each request, of another label; where requests run together, or were cut elsewhere (--adapt, some repairs), further off than
   * equality (c) allows.
   */
  readonly differing: number;
  readonly firstError: string | null;
  /** Like `metrics`, of the requests that this run has sent. */
  readonly decided: DecidedFigures | null;
  /** With --journal. */
  readonly journal?: JournalCounts;
  readonly metrics: Metrics;
  /** What the simulator says of the same requests; with --both. */
  readonly simulated?: Metrics;
  /** With --adapt. */
  readonly adapted?: AdaptedRow;
}

export interface AgentRow {
  readonly device: string;
  readonly pid: number;
  readonly address: string;
}

export interface StageRow {
  readonly device: string;
  /** How many. */
  readonly nodes: number;
  readonly emulated: boolean;
  readonly predictedSeconds: Seconds;
  /** The whole time that the device was taken, pacing included. */
  readonly measuredSeconds: Seconds;
  /** Inside ONNX Runtime. */
  readonly computeSeconds: Seconds;
}

export interface TransferRow {
  readonly tensor: string;
  readonly from: string;
  readonly to: string;
  /** What the plan says. */
  readonly bytes: number;
  /** What crossed, headers not counted; null where the agent did not say in time. */
  readonly sentBytes: number | null;
  /** How it crossed. */
  readonly codec: string;
  /** Why it went raw although the plan codes it; null = it did not. */
  readonly rawBecause: RawReason;
  readonly predictedSeconds: number;
  /** From the end of the stage that made it to its being decoded there; null where the two agents do not share a clock. */
  readonly measuredSeconds: Seconds | null;
}

export interface RunFigures {
  readonly problem: Problem;
  readonly plan: Plan;
  /** Of the request that counts. */
  readonly way: CountedWay;
  readonly decisions: readonly DecisionRow[];
  readonly clocks: readonly DeviceClock[];
  readonly notes: readonly string[];
  readonly answer: Answer;
  readonly stream: StreamFigures | null;
  /** With --both. */
  readonly simulated: Metrics | null;
  /** With --adapt. @default null */
  readonly adapted?: AdaptedRow | null;
  readonly agents: readonly JoinedAgent[];
  readonly equality: Equality;
  readonly wholeModelSeconds: Seconds;
  readonly predictions: readonly LabelledClass[] | null;
  readonly labelsMeanNothing: boolean;
  /** Where another model is beside it. */
  readonly priority?: number;
}

export function runResult(figures: RunFigures): RunResult {
  const { problem, plan, way, answer, predictions } = figures;
  return {
    model: problem.graph.name,
    ...(figures.priority === undefined ? {} : { priority: figures.priority }),
    planner: plan.planner,
    why: plan.why.sentence,
    ...(predictions === null ? {} : { predictions }),
    labelsMeanNothing: figures.labelsMeanNothing,
    equality: figures.equality,
    accuracy: accuracyExplanation(problem, way.plan, way.report),
    transport: transportOf(figures.agents),
    agents: figures.agents.map(({ device, pid, address }) => ({ device, pid, address })),
    stages: stageRows(figures),
    transfers: transferRows(figures),
    predictedSeconds: way.report.latencySeconds,
    predictedSource: way.report.source,
    computeErrorSeconds: computeErrorSeconds(problem, way.plan),
    measuredSeconds: answer.seconds,
    wholeModelSeconds: figures.wholeModelSeconds,
    ...(figures.stream === null ? {} : { stream: streamRow(figures.stream, figures) }),
    decisions: figures.decisions,
    notes: figures.notes,
    clocks: figures.clocks,
    notExecuted: [...notExecuted(problem, plan), ...clocksNotSet(figures.clocks)],
  };
}

/** A stream as results show it; `simulated` null = it was not simulated. */
export function streamRow(
  { trace, counts: { firstAnswers: _firstAnswers, startSeconds: _startSeconds, ...counts } }: StreamFigures,
  {
    problem,
    plan,
    simulated,
    adapted = null,
  }: Pick<RunFigures, 'problem' | 'plan' | 'simulated' | 'adapted'>,
): StreamRow {
  const metrics = metricsOf(trace, { power: powerFigures(problem, plan) });
  return {
    ...counts,
    metrics,
    ...(simulated === null ? {} : { simulated }),
    ...(adapted === null ? {} : { adapted }),
  };
}

function transportOf(agents: readonly JoinedAgent[]): string {
  const web = agents.filter(({ address }) => isWebSocketAddress(address)).length;
  if (web === 0) return 'tcp';
  return web === agents.length ? 'websocket' : 'tcp and websocket';
}

function transferRows({ problem, way, answer }: RunFigures): TransferRow[] {
  return way.report.transfers.map(({ tensor: id, from, to, bytes, startSeconds, endSeconds }) => {
    const tensor = problem.graph.tensors[id]?.name ?? '';
    const measured = answer.transfers.find(
      (other) => other.tensor === tensor && other.from === from && other.to === to,
    );
    const predictedSeconds = endSeconds - startSeconds;
    return {
      tensor,
      from,
      to,
      bytes,
      sentBytes: measured?.bytes ?? null,
      codec: codecName(measured?.codec ?? { kind: 'raw' }),
      rawBecause: measured?.rawBecause ?? null,
      predictedSeconds,
      measuredSeconds: measured?.seconds ?? null,
    };
  });
}

function stageRows({ problem, way, answer }: RunFigures): StageRow[] {
  const emulated = new Set(problem.cluster.devices.filter((device) => device.emulated).map(({ id }) => id));
  return answer.stages.map(({ stage, device, computeSeconds, busySeconds }) => {
    const at = way.numbers.indexOf(stage);
    const timing = way.report.stages[at];
    return {
      device,
      nodes: way.plan.stages[at]?.nodes.length ?? 0,
      emulated: emulated.has(device),
      predictedSeconds: timing?.together?.aloneSeconds ?? timing?.computeSeconds ?? busySeconds,
      measuredSeconds: busySeconds,
      computeSeconds,
    };
  });
}
