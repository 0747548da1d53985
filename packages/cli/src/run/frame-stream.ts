import { setTimeout as sleep } from 'node:timers/promises';
import { InvalidInputError, type Seconds } from '@tandem/core';
import { systemClock } from '@tandem/node';
import { type Gateway, type StreamItem, type TensorValue, tensorNumbers } from '@tandem/runtime';
import { FrameMeter } from './frame-figures.ts';
import type { Frames } from './frames-of.ts';

export interface FrameStream {
  readonly frames: Frames;
  /** Arrivals a second; null = the next comes when there is room for it. */
  readonly perSecond: number | null;
  readonly window: number;
  readonly timeoutSeconds: Seconds;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

export interface StreamedFrames {
  readonly meter: FrameMeter;
  readonly elapsedSeconds: number;
}

/** Sends every frame once, in order, and counts what comes of them. */
export async function streamFrames(gateway: Gateway, stream: FrameStream): Promise<StreamedFrames> {
  const { frames, window, perSecond, signal, progress } = stream;
  const meter = new FrameMeter();
  const start = systemClock.now();
  let told = start;
  // What comes at its own pace waits at the gateway, not here.
  const most = perSecond === null ? window : frames.count;
  for await (const result of gateway.stream(items(stream), { window: most, ordered: true, signal })) {
    if (result.answer === null) meter.fail(result.error.message);
    else meter.answer(result.index, topOf(result.answer.outputs), result.answer);
    if (systemClock.now() - told < 2) continue;
    told = systemClock.now();
    progress(meter.line(frames.count));
  }
  return { meter, elapsedSeconds: systemClock.now() - start };
}

async function* items({
  frames,
  perSecond,
  timeoutSeconds,
  signal,
}: FrameStream): AsyncGenerator<StreamItem> {
  const start = systemClock.now();
  for (let at = 0; at < frames.count; at++) {
    const inputs = await frames.read(at);
    const due = perSecond === null ? 0 : start + at / perSecond - systemClock.now();
    if (due > 0) await sleep(1000 * due, undefined, { signal });
    yield { inputs, timeoutSeconds };
  }
}

/** The label of an answer: of equals the first. Throws InvalidInputError where a model answers with more than one tensor. */
export function topOf(outputs: readonly TensorValue[]): number {
  const [output, more] = outputs;
  if (output === undefined || more !== undefined) {
    throw new InvalidInputError(
      `the model answers with ${outputs.length} tensors, expected one, of labels`,
      'Stream frames through a classifier.',
    );
  }
  const values = tensorNumbers(output);
  let best = 0;
  for (let at = 1; at < values.length; at++) if ((values[at] ?? 0) > (values[best] ?? 0)) best = at;
  return best;
}
