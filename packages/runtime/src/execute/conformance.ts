import { CancelledError, seconds } from '@tandem/core';
import {
  type ConformanceCase,
  neverAborted,
  requireEqual,
  requireRejection,
  requireThat,
  sameBytes,
} from '../conformance.ts';
import type { StoredSegment } from '../segment/segment.ts';
import type { Executor, LoadedSegment, TensorValue } from './executor.ts';

/** What the suite needs to know of an executor. */
export interface ExecutorSetup {
  createExecutor(): Executor;
  readonly segment: StoredSegment;
  /** Fresh inputs for it, the same bytes each time. */
  createInputs(): readonly TensorValue[];
  readonly outputs: readonly string[];
  /** One that the executor has to refuse. */
  readonly unusable: StoredSegment;
}

interface Loaded {
  readonly executor: Executor;
  readonly segment: LoadedSegment;
  readonly setup: ExecutorSetup;
}

const signal = neverAborted();

/** What Executor and LoadedSegment promise. Each case makes its own executor and closes it. */
export function executorConformance(setup: ExecutorSetup): readonly ConformanceCase[] {
  const loaded = (name: string, body: (loaded: Loaded) => Promise<void>): ConformanceCase => ({
    name,
    run: () => withLoaded(setup, body),
  });
  return [
    loaded('names inputs and outputs', namesTensors),
    loaded('answers all outputs, with sizes that fit their shapes', answersOutputs),
    loaded('answers the same bits for the same inputs', repeats),
    loaded('gives each answer buffers of its own', givesOwnBuffers),
    loaded('keeps runs that overlap apart', keepsOverlappingRuns),
    loaded('states times that make sense', statesTimes),
    loaded('refuses a missing, a doubled and an unknown input', refusesInputs),
    loaded('leaves a run when its signal is aborted, and runs again', leavesRun),
    loaded('refuses to run a closed segment', refusesClosedSegment),
    loaded('loads one segment twice', loadsTwice),
    loaded('ends pending runs on close, refuses later ones', refusesClosedExecutor),
    { name: 'refuses a segment that it cannot use', run: () => refusesUnusable(setup) },
    { name: 'leaves a load when its signal is aborted', run: () => leavesLoad(setup) },
    { name: 'closes unused, and twice', run: () => closesTwice(setup) },
  ];
}

async function withLoaded(setup: ExecutorSetup, body: (loaded: Loaded) => Promise<void>): Promise<void> {
  const executor = setup.createExecutor();
  try {
    const segment = await executor.load(setup.segment, { signal });
    await body({ executor, segment, setup });
    await segment.close();
  } finally {
    await executor.close();
  }
}

async function namesTensors({ segment, setup }: Loaded): Promise<void> {
  requireEqual(
    segment.inputs,
    setup.createInputs().map(({ name }) => name),
    'inputs',
  );
  requireEqual(segment.outputs, setup.outputs, 'outputs');
}

async function answersOutputs({ segment, setup }: Loaded): Promise<void> {
  const { outputs } = await segment.run(setup.createInputs(), signal);
  requireEqual(
    outputs.map(({ name }) => name),
    setup.outputs,
    'names of the outputs',
  );
  for (const { name, shape, data } of outputs) {
    requireThat(
      shape.every((extent) => Number.isInteger(extent) && extent >= 0),
      `the shape of ${name}`,
    );
    requireEqual(data.byteOffset, 0, `where ${name} begins in its buffer`);
    requireEqual(data.buffer.byteLength, data.byteLength, `the buffer of ${name}`);
  }
}

async function repeats({ segment, setup }: Loaded): Promise<void> {
  const first = await segment.run(setup.createInputs(), signal);
  const second = await segment.run(setup.createInputs(), signal);
  requireThat(sameTensors(first.outputs, second.outputs), 'two runs of the same inputs differ');
}

async function givesOwnBuffers({ segment, setup }: Loaded): Promise<void> {
  const first = await segment.run(setup.createInputs(), signal);
  const kept = first.outputs.map((output) => ({ ...output, data: new Uint8Array(output.data) }));
  for (const { data } of first.outputs) data.fill(0xff);
  const second = await segment.run(setup.createInputs(), signal);
  requireThat(sameTensors(second.outputs, kept), 'writing into one answer changed the next');
}

async function keepsOverlappingRuns({ segment, setup }: Loaded): Promise<void> {
  const runs = [0, 1, 2, 3].map(() => segment.run(setup.createInputs(), neverAborted()));
  const [first, ...others] = await Promise.all(runs);
  for (const other of others)
    requireThat(first !== undefined && sameTensors(first.outputs, other.outputs), 'overlapping runs differ');
}

async function statesTimes({ segment, setup }: Loaded): Promise<void> {
  const { computeSeconds, busySeconds } = await segment.run(setup.createInputs(), signal);
  requireThat(computeSeconds >= seconds(0), `${computeSeconds} s of computing`);
  requireThat(busySeconds >= computeSeconds, `busy ${busySeconds} s, computing ${computeSeconds} s`);
}

async function refusesInputs({ segment, setup }: Loaded): Promise<void> {
  const [first] = setup.createInputs();
  requireThat(first !== undefined, 'the suite needs a segment with an input');
  if (first === undefined) return;
  const wrong: readonly (readonly TensorValue[])[] = [
    [],
    [...setup.createInputs(), { ...first, data: new Uint8Array(first.data) }],
    setup.createInputs().map((input) => ({ ...input, name: `not ${input.name}` })),
  ];
  for (const inputs of wrong) await requireRejection(segment.run(inputs, signal), ['ExecutionError']);
}

async function leavesRun({ segment, setup }: Loaded): Promise<void> {
  const controller = new AbortController();
  controller.abort(new CancelledError('the suite withdrew it', 'Nothing to do.'));
  await requireRejection(segment.run(setup.createInputs(), controller.signal), ['CancelledError']);
  await segment.run(setup.createInputs(), signal);
}

async function refusesClosedSegment({ segment, setup }: Loaded): Promise<void> {
  await segment.close();
  await segment.close();
  await requireRejection(segment.run(setup.createInputs(), signal), ['ExecutionError']);
}

async function loadsTwice({ executor, segment, setup }: Loaded): Promise<void> {
  const again = await executor.load(setup.segment, { signal, threads: 1, optimisation: 'all' });
  await segment.close();
  await again.run(setup.createInputs(), signal);
  await again.close();
}

/** A run that was under way may still be answered, but it ends. */
async function refusesClosedExecutor({ executor, segment, setup }: Loaded): Promise<void> {
  const pending = segment.run(setup.createInputs(), signal).catch(() => undefined);
  await executor.close();
  await pending;
  await requireRejection(segment.run(setup.createInputs(), signal), ['ExecutionError']);
  await requireRejection(executor.load(setup.segment, { signal }), ['ExecutionError']);
}

async function refusesUnusable(setup: ExecutorSetup): Promise<void> {
  const executor = setup.createExecutor();
  try {
    await requireRejection(executor.load(setup.unusable, { signal }), ['ExecutionError']);
  } finally {
    await executor.close();
  }
}

async function leavesLoad(setup: ExecutorSetup): Promise<void> {
  const executor = setup.createExecutor();
  const controller = new AbortController();
  controller.abort(new CancelledError('the suite withdrew it', 'Nothing to do.'));
  try {
    await requireRejection(executor.load(setup.segment, { signal: controller.signal }), ['CancelledError']);
  } finally {
    await executor.close();
  }
}

async function closesTwice(setup: ExecutorSetup): Promise<void> {
  const executor = setup.createExecutor();
  await executor.close();
  await executor.close();
}

/** The same names, types, shapes and bits. */
export function sameTensors(left: readonly TensorValue[], right: readonly TensorValue[]): boolean {
  return (
    left.length === right.length &&
    left.every((tensor, index) => {
      const other = right[index];
      return (
        other !== undefined &&
        tensor.name === other.name &&
        tensor.type === other.type &&
        tensor.shape.join() === other.shape.join() &&
        sameBytes(tensor.data, other.data)
      );
    })
  );
}
