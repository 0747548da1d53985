import { dirname, resolve } from 'node:path';
import type { Graph } from '@tandem/core';
import { type LoadedModel, loadModel, readChaosFile } from '@tandem/node';
import type { TensorValue } from '@tandem/runtime';
import type { ChaosFlags } from '../flags.ts';
import type { Output } from '../output.ts';
import { withWhole } from '../run/whole-model.ts';
import { shapedGraph } from '../shaped-graph.ts';
import { stopSignal } from '../stop-signal.ts';
import { chaosInputs } from './chaos-inputs.ts';
import { chaosText } from './chaos-text.ts';
import { type ChaosOutcome, runChaos } from './run-chaos.ts';

/** What `tandem chaos --json` prints. */
export interface ChaosReport extends ChaosOutcome {
  readonly model: string;
  readonly seed: number;
  /** Nothing lost, wrong, twice or out of order, and every fault done. */
  readonly holds: boolean;
}

/** `tandem chaos`: a stream through agents of this machine to which a scenario's faults happen. Exit status 1 where it does not hold. */
export async function chaosCommand(path: string, flags: ChaosFlags, output: Output): Promise<void> {
  const signal = stopSignal();
  const read = await readChaosFile(path);
  const document = { ...read, ...(flags.seed === undefined ? {} : { seed: flags.seed }) };
  const { model, seed } = document;
  const reference = model.startsWith('zoo:') ? model : resolve(dirname(path), model);
  const loaded = await loadModel(reference);
  try {
    const graph = await shapedGraph(loaded.model, { batch: 1, modelDigest: await loaded.digest() }, output);
    const inputs = chaosInputs(graph, document);
    output.progress(`asking the whole model for its answers to ${inputs.length} inputs`);
    const expected = await expectedOf(loaded, graph, inputs, signal);
    const outcome = await runChaos({
      document,
      reference,
      loaded,
      graph,
      inputs,
      expected,
      signal,
      log: output.progress,
    });
    const result = { model: graph.name, seed, ...outcome, holds: isHeld(outcome) };
    output.answer(result, () => chaosText(result));
    if (!result.holds) process.exitCode = 1;
  } finally {
    await loaded.close();
  }
}

function isHeld({ counts, notDone }: ChaosOutcome): boolean {
  const { lost, wrong, duplicates, outOfOrder } = counts;
  return lost + wrong + duplicates + outOfOrder + notDone === 0;
}

/** At optimisation 'basic', where stages answer bit for bit like the whole wherever it is cut. */
async function expectedOf(
  loaded: LoadedModel,
  graph: Graph,
  inputs: readonly (readonly TensorValue[])[],
  signal: AbortSignal,
): Promise<(readonly TensorValue[])[]> {
  return await withWhole(loaded, graph, { threads: 1, optimisation: 'basic', signal }, async (answer) => {
    const expected: (readonly TensorValue[])[] = [];
    for (const input of inputs) expected.push((await answer(input)).outputs);
    return expected;
  });
}
