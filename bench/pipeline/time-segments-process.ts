import { createRandom, graphOf, seconds } from '@tandem/core';
import { createSha256, folderStore, loadModel, ortExecutor } from '@tandem/node';
import { type LoadedSegment, segmentSources, type TensorValue } from '@tandem/runtime';
import { keepSegments } from '../models/keep-segments.ts';
import { randomInputs } from '../models/random-inputs.ts';
import { withScratch } from '../models/scratch.ts';
import { median } from '../paired.ts';
import { readPipelineCase } from './pipeline-case.ts';
import { stagedPlan } from './staged-plan.ts';

/** `time-segments-process CASE`: the seconds of each stage alone inside ONNX Runtime on one core, median of some, as a JSON list. */
const warmUp = 4;
const rounds = 15;
const never = new AbortController().signal;

async function timeSegments(path: string): Promise<number[]> {
  const own = await readPipelineCase(path);
  const loaded = await loadModel(own.model);
  const graph = graphOf(loaded.model, { batch: 1 });
  const { plan } = stagedPlan(graph, own, null);
  const executor = ortExecutor();
  try {
    return await withScratch(async (folder) => {
      const store = folderStore(folder);
      const sources = segmentSources({ model: loaded.model, graph, plan, createSha256 });
      await keepSegments(store, sources, never);
      const segments: LoadedSegment[] = [];
      for (const { manifest } of sources) {
        const stored = await store.find(manifest.digest);
        if (stored !== null) segments.push(await executor.load(stored, { signal: never }));
      }
      const inputs = randomInputs(graph, createRandom(1));
      const times: number[][] = segments.map(() => []);
      for (let round = -warmUp; round < rounds; round++)
        for (const [stage, time] of (await runOnce(segments, inputs)).entries())
          if (round >= 0) times[stage]?.push(time);
      return times.map(median);
    });
  } finally {
    await executor.close();
    await loaded.close();
  }
}

/** One after the other, as requests go, so that each finds the others' weights in the caches. */
async function runOnce(
  segments: readonly LoadedSegment[],
  inputs: readonly TensorValue[],
): Promise<number[]> {
  const known = new Map(inputs.map((value) => [value.name, value]));
  const times: number[] = [];
  for (const segment of segments) {
    const given = segment.inputs.flatMap((name) => known.get(name) ?? []);
    const result = await segment.run(
      given.map((value) => ({ ...value, data: new Uint8Array(value.data) })),
      never,
    );
    for (const value of result.outputs) known.set(value.name, value);
    times.push(seconds(result.computeSeconds));
  }
  return times;
}

console.log(JSON.stringify(await timeSegments(process.argv[2] ?? '')));
