import { join } from 'node:path';
import { type Cut, createRandom, encodeModel, type Graph, type ModelProto } from '@tandem/core';
import { ortExecutor, writeEncoded } from '@tandem/node';
import {
  compareOutputs,
  type Executor,
  type LoadedSegment,
  type LoadOptions,
  runInSequence,
  type StoredSegment,
  type TensorValue,
} from '@tandem/runtime';
import { boundaryText, halvesOf } from '../models/halves.ts';
import type { OpenedModel } from '../models/opened-model.ts';
import { randomInputs } from '../models/random-inputs.ts';
import type { CutEqualities } from './equalities.ts';
import { referenceModel } from './reference-model.ts';
import { openTensorLink, type TensorLink } from './tensor-link.ts';

type Optimisation = NonNullable<LoadOptions['optimisation']>;

/** Checks cuts of one model, one after the other. Holds the whole model's answers, two executors and a link between them. */
export interface CutChecker {
  check(cut: Cut, signal: AbortSignal): Promise<CutEqualities>;
  close(): Promise<void>;
}

/** The halves are written to `folder`, whose two files each cut replaces. */
export async function openCutChecker(
  opened: OpenedModel,
  folder: string,
  signal: AbortSignal,
): Promise<CutChecker> {
  const bench = {
    model: opened.model,
    graph: opened.graph,
    reference: referenceModel(opened),
    folder,
    near: ortExecutor(),
    far: ortExecutor(),
    link: await openTensorLink(),
    inputs: randomInputs(opened.graph, createRandom(1)),
    outputs: opened.graph.outputs.map((id) => opened.graph.tensors[id]?.name ?? ''),
  };
  const close = async (): Promise<void> => {
    await Promise.all([bench.near.close(), bench.far.close(), bench.link.close()]);
  };
  try {
    const whole = {
      basic: await wholeAnswers(bench, 'basic', signal),
      all: await wholeAnswers(bench, 'all', signal),
    };
    return { check: (cut, late) => check(bench, whole, cut, late), close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Workbench {
  readonly reference: StoredSegment['model'];
  readonly folder: string;
  readonly model: ModelProto;
  readonly graph: Graph;
  readonly near: Executor;
  readonly far: Executor;
  readonly link: TensorLink;
  readonly inputs: readonly TensorValue[];
  readonly outputs: readonly string[];
}

type WholeAnswers = Readonly<Record<Optimisation, readonly TensorValue[]>>;

async function wholeAnswers(
  { near, reference, inputs, outputs }: Workbench,
  optimisation: Optimisation,
  signal: AbortSignal,
): Promise<readonly TensorValue[]> {
  const whole = await near.load({ digest: 'whole', model: reference }, { optimisation, signal });
  try {
    return await runInSequence([whole], inputs, outputs, signal);
  } finally {
    await whole.close();
  }
}

async function check(
  bench: Workbench,
  whole: WholeAnswers,
  cut: Cut,
  signal: AbortSignal,
): Promise<CutEqualities> {
  const halves = halvesOf(bench.model, bench.graph, cut);
  const parts = [
    await stored(halves.head, bench.folder, 'head'),
    await stored(halves.tail, bench.folder, 'tail'),
  ] as const;
  const basic = await backToBack(bench, parts, 'basic', signal);
  const { together, apart } = await bothWays(bench, parts, signal);
  return {
    boundary: boundaryText(bench.graph, cut),
    tensors: cut.boundary.length,
    a: compareOutputs(together, apart),
    b: compareOutputs(whole.basic, basic),
    c: compareOutputs(whole.all, together),
  };
}

/** By path, since the executor's thread would get a copy of bytes. */
async function stored(model: ModelProto, folder: string, digest: string): Promise<StoredSegment> {
  const path = join(folder, `${digest}.onnx`);
  await writeEncoded(path, encodeModel(model));
  return { digest, model: { path } };
}

async function backToBack(
  { near, inputs, outputs }: Workbench,
  parts: readonly StoredSegment[],
  optimisation: Optimisation,
  signal: AbortSignal,
): Promise<readonly TensorValue[]> {
  const loaded: LoadedSegment[] = [];
  try {
    for (const part of parts) loaded.push(await near.load(part, { optimisation, signal }));
    return await runInSequence(loaded, inputs, outputs, signal);
  } finally {
    await Promise.all(loaded.map((segment) => segment.close()));
  }
}

/** The same halves on one executor, and on two with the link between them. */
async function bothWays(
  bench: Workbench,
  [headPart, tailPart]: readonly [StoredSegment, StoredSegment],
  signal: AbortSignal,
): Promise<{ together: readonly TensorValue[]; apart: readonly TensorValue[] }> {
  const head = await bench.near.load(headPart, { signal });
  const tail = await bench.near.load(tailPart, { signal });
  const farTail = await bench.far.load(tailPart, { signal });
  try {
    const together = await runInSequence([head, tail], bench.inputs, bench.outputs, signal);
    return { together, apart: await distributed(bench, head, farTail, signal) };
  } finally {
    await Promise.all([head, tail, farTail].map((segment) => segment.close()));
  }
}

async function distributed(
  { inputs, outputs, link }: Workbench,
  head: LoadedSegment,
  tail: LoadedSegment,
  signal: AbortSignal,
): Promise<readonly TensorValue[]> {
  const made = await runInSequence([head], inputs, head.outputs, signal);
  const needed = [...inputs, ...made].filter((tensor) => tail.inputs.includes(tensor.name));
  const arrived = await link.carry(needed, signal);
  const tailOutputs = outputs.filter((name) => tail.outputs.includes(name));
  const finished = await runInSequence([tail], arrived, tailOutputs, signal);
  return [...finished, ...made.filter((tensor) => outputs.includes(tensor.name))];
}
