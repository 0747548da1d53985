import { readFileSync } from 'node:fs';
import { createModelBuilder, encodedBytes, encodeModel } from '@tandem/core';
import { ortExecutor } from '../execute/ort-executor.ts';

/** Bytes that this process holds once it has loaded a segment of next to nothing as an agent does: in a thread of its own. */
export async function idleMemory(signal: AbortSignal): Promise<number> {
  const executor = ortExecutor();
  try {
    const model = { bytes: encodedBytes(encodeModel(nearlyNothing())), weights: null };
    await executor.load({ digest: 'an idle agent', model }, { signal });
    return heldBytes();
  } finally {
    await executor.close();
  }
}

function nearlyNothing(): ReturnType<ReturnType<typeof createModelBuilder>['build']> {
  const builder = createModelBuilder({ name: 'nearly nothing' });
  const output = builder.node('Relu', [builder.input('input', 'float32', [1])]);
  builder.output(output, 'float32', [1]);
  return builder.build();
}

/** On Linux without mapped files, whose pages the system can drop. */
function heldBytes(): number {
  try {
    const kilobytes = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  } catch {
    // Another system.
  }
  return process.memoryUsage.rss();
}
