import { Worker } from 'node:worker_threads';
import { bytesPerSecond, ExecutionError, quantile } from '@tandem/core';
import type { CopyRate, DeviceDescription } from '@tandem/runtime';
import { z } from 'zod';

const rounds = 7;
const answer = z.array(z.number().positive()).length(rounds);
const largestBlock = 2 ** 30;

/**
 * Larger than the caches, so that memory is measured: twice the last one, at least 64 MiB, 256 MiB where the caches are not known.
 * Null when two such blocks would take more than half of the free memory.
 */
export function copyBlockBytes({
  caches,
  availableMemoryBytes = 0,
}: Pick<DeviceDescription, 'caches'> & { readonly availableMemoryBytes?: number }): number | null {
  const last = Math.max(0, ...caches.map(({ sizeBytes }) => sizeBytes));
  const wanted = last === 0 ? 2 ** 28 : Math.max(2 ** 26, 2 * last);
  return wanted <= largestBlock && 4 * wanted <= availableMemoryBytes ? wanted : null;
}

/** Copies in a thread of its own, which has ended when this settles. Throws ExecutionError when it breaks down, the signal's reason. */
export async function measureCopy(
  blockBytes: CopyRate['blockBytes'],
  signal: AbortSignal,
): Promise<CopyRate> {
  signal.throwIfAborted();
  const worker = new Worker(program(), { execArgv: [], workerData: { blockBytes, rounds } });
  const stop = (): void => void worker.terminate();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const rates = (await answerOf(worker)).map((seconds) => blockBytes / seconds);
    return {
      blockBytes,
      rounds,
      bytesPerSecond: bytesPerSecond(quantile(rates, 0.5)),
      spreadBytesPerSecond: bytesPerSecond(quantile(rates, 0.75) - quantile(rates, 0.25)),
    };
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener('abort', stop);
    await worker.terminate();
  }
}

function answerOf(worker: Worker): Promise<readonly number[]> {
  return new Promise((resolve, reject) => {
    worker.once('message', (message: unknown) => {
      const times = answer.safeParse(message);
      if (times.success) resolve(times.data);
      else reject(broken('it gave no times'));
    });
    worker.once('error', (cause) => reject(broken(cause.message, cause)));
    worker.once('exit', (code) => reject(broken(`it ended with code ${code}`)));
  });
}

function broken(how: string, cause?: unknown): ExecutionError {
  return new ExecutionError(
    `the thread that measures copies broke down: ${how}`,
    'Free some memory, then probe again.',
    {
      cause,
    },
  );
}

/** Where the compiled entry lies: beside this file, or in dist when this runs from TypeScript source. */
function program(): URL {
  const inSource = import.meta.url.endsWith('.ts');
  return new URL(inSource ? '../../dist/probe/copy-worker.js' : './copy-worker.js', import.meta.url);
}
