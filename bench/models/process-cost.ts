import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { ExecutionError } from '@tandem/core';

/** What a whole run of Node cost. */
export interface ProcessCost {
  /** From spawn to exit. */
  readonly seconds: number;
  /** The most resident memory at any time (ru_maxrss), bytes. */
  readonly peakMemoryBytes: number;
}

/** Loaded before the program: tells on descriptor 3, as the process ends, what the kernel counted. */
const confession = `data:text/javascript,${encodeURIComponent(
  "import { writeSync } from 'node:fs'; process.on('exit', () => writeSync(3, String(process.resourceUsage().maxRSS)));",
)}`;

/** Runs `node ...command` to its end, its output discarded. Throws ExecutionError when it fails or takes over a minute. */
export async function processCost(command: readonly string[]): Promise<ProcessCost> {
  const start = performance.now();
  const child = spawn(process.execPath, ['--import', confession, ...command], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  });
  const streams = child.stdio.filter((stream) => stream instanceof Readable);
  const outputs = streams.map((stream) => text(stream));
  const [status] = await once(child, 'exit');
  const seconds = (performance.now() - start) / 1000;
  const [errors = '', kilobytes = ''] = await Promise.all(outputs);
  if (status !== 0)
    throw new ExecutionError(
      `'node ${command.join(' ')}' ended with ${status}: ${errors}`,
      'See its error output.',
    );
  return { seconds, peakMemoryBytes: Number(kilobytes) * 1024 };
}
