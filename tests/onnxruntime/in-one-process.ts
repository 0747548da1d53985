import type { Graph } from '@tandem/core';
import { createSha256, generatedInputs, modelCards, ortExecutor } from '@tandem/node';
import {
  memoryStore,
  runInSequence,
  type SegmentSource,
  type SegmentStore,
  type StoredSegment,
  type TensorValue,
} from '@tandem/runtime';

/** Pictures of this seed for a network of ImageNet or CIFAR. */
export function pictures(graph: Graph, seed: number): TensorValue[] {
  return generatedInputs({
    inputs: graph.inputs.flatMap((id) => graph.tensors[id] ?? []),
    card: modelCards['imagenet-torchvision'],
    seed,
  });
}

/** What the model of these segments answers where they run one after the other, here. */
export async function inOneProcess(
  sources: readonly SegmentSource[],
  inputs: readonly TensorValue[],
  graph: Graph,
  signal: AbortSignal,
): Promise<readonly TensorValue[]> {
  const executor = ortExecutor();
  const store = memoryStore(createSha256);
  try {
    const loaded = [];
    for (const source of sources)
      loaded.push(await executor.load(await stored(store, source, signal), { signal }));
    const outputs = graph.outputs.map((id) => graph.tensors[id]?.name ?? '');
    return await runInSequence(loaded, inputs, outputs, signal);
  } finally {
    await executor.close();
    await store.close();
  }
}

async function stored(
  store: SegmentStore,
  source: SegmentSource,
  signal: AbortSignal,
): Promise<StoredSegment> {
  const receiver = await store.receive(source.manifest, signal);
  for (const { name } of source.manifest.parts)
    for await (const chunk of source.chunks(name)) await receiver.write(name, chunk);
  return receiver.finish();
}
