import { type Clock, type Seconds, seconds, togetherSeconds } from '@tandem/core';
import { Pace } from '../actuate/pace.ts';
import type { StoredSegment } from '../segment/segment.ts';
import { Turns } from '../turns.ts';
import type { Executor, LoadedSegment, LoadOptions, SegmentResult, TensorValue } from './executor.ts';

/** The real work took longer than the device that it stands for is said to need. */
export interface Overrun {
  readonly digest: string;
  readonly paceSeconds: Seconds;
  readonly tookSeconds: Seconds;
}

export interface PacedExecutorOptions {
  /** Called for each run that could not be held to its pace; such a run stands for no device. */
  readonly onOverrun?: (overrun: Overrun) => void;
  /** Makes the device slower or faster while it runs. @default as planned */
  readonly pace?: Pace;
}

/**
 * A slower device: runs the real segment, then holds the answer until `LoadOptions.paceSeconds` after its start (`fullBatch` where requests run together). It sleeps, so many
 * such devices fit few cores. Runs take turns, as they would on one device; segments without a pace run as they are.
 */
export function pacedExecutor(inner: Executor, clock: Clock, options: PacedExecutorOptions = {}): Executor {
  const device = new Turns();
  const { onOverrun, pace: own = new Pace() } = options;
  const load = async (stored: StoredSegment, loadOptions: LoadOptions): Promise<LoadedSegment> => {
    const loaded = await inner.load(stored, loadOptions);
    const { paceSeconds, fullBatch } = loadOptions;
    if (paceSeconds === undefined) return loaded;
    const pace = { digest: stored.digest, own, clock, onOverrun };
    const run = (inputs: readonly TensorValue[], signal: AbortSignal): Promise<SegmentResult> =>
      device.run(signal, () =>
        runPaced(loaded, inputs, signal, { ...pace, paceSeconds: paceOf(paceSeconds, fullBatch, inputs) }),
      );
    return { inputs: loaded.inputs, outputs: loaded.outputs, run, close: () => loaded.close() };
  };
  return { name: `paced ${inner.name}`, load, close: () => inner.close() };
}

/** What the rows of the inputs take together. */
function paceOf(
  aloneSeconds: Seconds,
  full: LoadOptions['fullBatch'],
  [first]: readonly TensorValue[],
): Seconds {
  if (full === undefined) return aloneSeconds;
  const { requests, paceSeconds: computeSeconds } = full;
  return seconds(togetherSeconds({ requests, aloneSeconds, computeSeconds }, first?.shape[0] ?? 1));
}

interface HeldRun {
  readonly digest: string;
  readonly own: Pace;
  readonly paceSeconds: Seconds;
  readonly clock: Clock;
  readonly onOverrun: PacedExecutorOptions['onOverrun'] | undefined;
}

async function runPaced(
  loaded: LoadedSegment,
  inputs: readonly TensorValue[],
  signal: AbortSignal,
  { digest, own, paceSeconds: planned, clock, onOverrun }: HeldRun,
): Promise<SegmentResult> {
  const paceSeconds = seconds(planned * own.factor);
  const startedAt = clock.now();
  const result = await loaded.run(inputs, signal);
  const tookSeconds = seconds(clock.now() - startedAt);
  if (tookSeconds > paceSeconds) onOverrun?.({ digest, paceSeconds, tookSeconds });
  else await clock.sleep(seconds(paceSeconds - tookSeconds), signal);
  return { ...result, busySeconds: seconds(clock.now() - startedAt) };
}
