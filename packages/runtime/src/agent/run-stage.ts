import { ExecutionError, type Seconds } from '@tandem/core';
import type { LoadedSegment, SegmentResult, TensorValue } from '../execute/executor.ts';
import type { SpareBuffers } from '../spare-buffers.ts';
import { checkOutputs } from './check-outputs.ts';
import { joinedRows, rowsOf } from './join-rows.ts';
import { type LoadedPlans, notLoaded } from './loaded-plans.ts';

/** One request's turn at a stage, with its inputs taken. */
export interface PreparedRun {
  readonly version: number;
  readonly stage: number;
  readonly request: number;
  readonly inputs: ReadonlyMap<string, TensorValue | null>;
  readonly queueSeconds: Seconds;
}

/** With which segments, and where buffers go that nobody needs any more. */
export interface StageRunner {
  readonly plans: LoadedPlans;
  readonly spare: SpareBuffers;
}

/**
 * What the stage gives each of these requests, by one run of its segment: with several their rows are joined to one batch, and each is told
 * the time of all. Throws ExecutionError.
 */
export async function runStage(
  { plans, spare }: StageRunner,
  prepared: readonly [PreparedRun, ...PreparedRun[]],
  signal: AbortSignal,
): Promise<readonly SegmentResult[]> {
  const [{ version, stage }] = prepared;
  const segment = plans.segment(version, stage);
  if (segment === null) throw notLoaded(version, stage);
  const members = prepared.map((run) => orderedInputs(run, segment));
  const [only = [], ...others] = members;
  const results =
    others.length === 0
      ? [await segment.run(only, signal)]
      : await runTogether(segment, members, spare, signal);
  for (const { outputs } of results) checkOutputs(plans, version, stage, outputs);
  return results;
}

async function runTogether(
  segment: LoadedSegment,
  members: readonly (readonly TensorValue[])[],
  spare: SpareBuffers,
  signal: AbortSignal,
): Promise<readonly SegmentResult[]> {
  const joined = joinedRows(members, spare);
  for (const { data } of members.flat()) spare.give(data);
  const { outputs, ...times } = await segment.run(joined, signal);
  return rowsOf(outputs, members.length, spare).map((own) => ({ outputs: own, ...times }));
}

function orderedInputs({ stage, inputs }: PreparedRun, { inputs: names }: LoadedSegment): TensorValue[] {
  return names.map((name) => {
    const value = inputs.get(name);
    if (value) return value;
    throw new ExecutionError(`stage ${stage} lacks its input ${name}`, 'Report this: it should not happen.');
  });
}
