import { resolve } from 'node:path';
import type { Graph } from '@tandem/core';
import { loadModel, openClocks, profileModel, recoverClocks, runtimeVersion } from '@tandem/node';
import { countList } from '../count-list.ts';
import type { ProfileFlags } from '../flags.ts';
import type { Output } from '../output.ts';
import { checkSavable } from '../save-file.ts';
import { shapedGraph } from '../shaped-graph.ts';
import { slowLines } from '../slow-lines.ts';
import { stopSignal } from '../stop-signal.ts';
import { profileText } from './profile-text.ts';
import { type Clocks, readClocks } from './read-clocks.ts';

/** `tandem profile`: measures a model on this machine and saves what it took. */
export async function profileCommand(model: string, flags: ProfileFlags, output: Output): Promise<void> {
  const signal = stopSignal();
  const threads = countList('--threads', flags.threads);
  const { paces, ...choice } = flags.clock === undefined ? baseOnly : readClocks(flags.clock);
  const batches = countList('--batch', flags.batch);
  const loaded = await loadModel(model);
  try {
    const modelDigest = await loaded.digest();
    const graphs = new Map<number, Graph>();
    for (const batch of batches) {
      const options = { batch, dimensions: flags.dimension, modelDigest };
      graphs.set(batch, await shapedGraph(loaded.model, options, output));
    }
    const path = resolve(flags.output ?? defaultName(loaded.name, modelDigest, flags.device));
    await checkSavable('the profile', path);
    for (const done of await recoverClocks()) output.progress(done);
    const control = await openClocks(choice);
    output.progress(`measuring into ${path}; Ctrl-C stops, the same command goes on`);
    const file = await profileModel({
      loaded,
      graphs,
      device: flags.device,
      threads,
      passes: flags.passes,
      control,
      paces,
      output: path,
      signal,
      onProgress: slowProgress(output.progress),
    });
    output.answer({ path, ...file }, () => profileText(file, path));
  } finally {
    await loaded.close();
  }
}

const baseOnly: Clocks = { levels: false, quotas: [], paces: [] };

/** Model, device and runtime tell one profile from another. */
function defaultName(name: string, digest: string, device: string): string {
  const runtime = runtimeVersion().replace(' ', '-');
  return `${name}-${digest.slice(0, 8)}-${device}-${runtime}.profile.json`;
}

/** A line every two seconds, and the last one. */
function slowProgress(progress: (line: string) => void): (done: number, total: number) => void {
  const slow = slowLines(progress);
  return (done, total) => slow(`${done} of ${total} measurements`, done >= total);
}
