import type { DeviceId } from '@tandem/core';
import { requireEqual, requireThat } from '../conformance.ts';
import type { StreamItem, StreamResult } from './answer-stream.ts';
import {
  expectedOutputs,
  type Pipeline,
  type PipelineSetup,
  planInputs,
  type SmallPlan,
  startPipeline,
} from './pipeline-harness.ts';
import { ends } from './small-plans.ts';

/** There and back, and a fork whose branches meet again: with room for one tensor everywhere. */
export const chain: SmallPlan = {
  ...ends,
  queue: 1,
  stages: [
    { device: 'a', inputs: ['x'], outputs: ['h', 'k'] },
    { device: 'b', inputs: ['h'], outputs: ['i'] },
    { device: 'c', inputs: ['h'], outputs: ['j'] },
    { device: 'a', inputs: ['i', 'j', 'k'], outputs: ['y'] },
  ],
};

/** Runs `body` on a pipeline that is gone afterwards. */
export async function within(
  setup: PipelineSetup,
  plan: SmallPlan,
  body: (pipeline: Pipeline) => Promise<void>,
): Promise<void> {
  const pipeline = await startPipeline(setup, plan);
  try {
    await body(pipeline);
  } finally {
    await pipeline.close();
  }
}

/** Requests with inputs of their own. */
export const itemsOf = (plan: SmallPlan, count: number): StreamItem[] =>
  Array.from({ length: count }, (_, index) => ({ inputs: planInputs(plan, index) }));

/** The answer of `itemsOf` at that place. */
export function requireAnswer(plan: SmallPlan, { index, answer, error }: StreamResult): void {
  requireThat(answer !== null, `request ${index} failed: ${error?.message ?? ''}`);
  const bytes = answer?.outputs.map(({ name, data }) => [name, ...data]);
  const expected = expectedOutputs(plan, planInputs(plan, index)).map(({ name, data }) => [name, ...data]);
  requireEqual(bytes, expected, `answer ${index}`);
}

/** Something that happens once. */
export function signalled(): { readonly gone: Promise<void>; readonly go: () => void } {
  let go = (): void => undefined;
  const gone = new Promise<void>((resolve) => {
    go = resolve;
  });
  return { gone, go: () => go() };
}

/** A device whose stages do not end before it is let go. */
export interface Held {
  /** A stage has begun there. */
  readonly began: Promise<void>;
  readonly letGo: () => void;
  /** For `PipelineSetup`. */
  readonly onRun: (device: DeviceId) => Promise<void>;
}

export function held(device: DeviceId): Held {
  const [began, free] = [signalled(), signalled()];
  const onRun = async (running: DeviceId): Promise<void> => {
    if (running !== device) return;
    began.go();
    await free.gone;
  };
  return { began: began.gone, letGo: free.go, onRun };
}
