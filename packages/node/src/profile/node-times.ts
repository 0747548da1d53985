import { readdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ExecutionError, type Graph, quantile } from '@tandem/core';
import { z } from 'zod';

interface RecordedEvent {
  readonly cat?: string | undefined;
  readonly name?: string | undefined;
  readonly dur?: number | undefined;
}

const events: z.ZodType<RecordedEvent[]> = z.array(
  z.object({ cat: z.string().optional(), name: z.string().optional(), dur: z.number().min(0).optional() }),
);

/** What a node is called in the recorded model: unique, and recognisable within a longer name. */
export const recordedName = (id: number): string => `tandem${id}`;

/**
 * Seconds of each node of `graph`, by id: medians over the runs in the record of ONNX Runtime that was written beside `prefix`, the
 * first run left out; means where the process was paused now and then. A fused node counts for the member whose name it kept, and its other members take 0; nodes that the runtime
 * added count for the node before them. Removes the record. Throws ExecutionError where there is none or it is another kind of file.
 */
export async function nodeTimes(prefix: string, graph: Graph, paused: boolean): Promise<number[]> {
  const folder = dirname(prefix);
  const name = (await readdir(folder)).find((entry) => entry.startsWith(basename(prefix)));
  if (name === undefined) throw noRecord('wrote no record of its nodes');
  const path = join(folder, name);
  const text = await readFile(path, 'utf8');
  await rm(path);
  const parsed = events.safeParse(jsonOrNull(text));
  if (!parsed.success) throw noRecord('wrote a record of another form');
  const runs = runsOf(parsed.data, producersOf(graph)).slice(1);
  if (runs.length === 0) throw noRecord('recorded no run');
  return graph.nodes.map(({ id }) => {
    const times = runs.map((run) => (run.get(id) ?? 0) / 1e6);
    return paused ? times.reduce((sum, each) => sum + each, 0) / times.length : quantile(times, 0.5);
  });
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function producersOf(graph: Graph): ReadonlyMap<string, number> {
  return new Map(
    graph.tensors.flatMap(({ name, producer }): [string, number][] =>
      typeof producer === 'number' ? [[name, producer]] : [],
    ),
  );
}

/** Kernels in the runtime's blocked layout are called after the tensor that they yield instead of their node. */
const kernelName = /^(?<tensor>.*?)(?:_nchwc)?_kernel_time$/;

/** Microseconds of each node in each run. A run's own event follows those of its nodes. */
export function runsOf(
  list: readonly RecordedEvent[],
  producers: ReadonlyMap<string, number>,
): ReadonlyMap<number, number>[] {
  const runs: Map<number, number>[] = [];
  let run = new Map<number, number>();
  let last = 0;
  for (const { cat, name = '', dur = 0 } of list) {
    if (cat === 'Session' && name === 'model_run') {
      runs.push(run);
      run = new Map();
      last = 0;
    } else if (cat === 'Node' && name.endsWith('_kernel_time')) {
      const tensor = kernelName.exec(name)?.groups?.['tensor'] ?? '';
      last = producers.get(tensor) ?? Number(/tandem(\d+)/.exec(name)?.[1] ?? last);
      run.set(last, (run.get(last) ?? 0) + dur);
    }
  }
  return runs;
}

function noRecord(what: string): ExecutionError {
  return new ExecutionError(
    `ONNX Runtime ${what}.`,
    'Check that the temporary folder has room, and that onnxruntime-node has the version that Tandem asks for.',
  );
}
