import { closedExecutor } from '@tandem/runtime';
import { describe, expect, it } from 'vitest';
import type { WorkerAnswer, WorkerRequest } from './worker-messages.ts';
import { WorkerThread } from './worker-thread.ts';

const signal = new AbortController().signal;
const request = ['release', 1] as const;

/** A thread that does this with each message. */
function threadThat(onMessage: string): WorkerThread<WorkerRequest, WorkerAnswer> {
  const program = `import { parentPort } from 'node:worker_threads'; parentPort.on('message', ([id]) => { ${onMessage} });`;
  return new WorkerThread({
    program: new URL(`data:text/javascript,${encodeURIComponent(program)}`),
    does: 'runs the model',
    closed: () => closedExecutor('ort'),
  });
}

describe('worker thread', () => {
  it.each([
    {
      fate: 'throws',
      onMessage: "throw new Error('a fault in the runtime')",
      says: 'a fault in the runtime',
    },
    { fate: 'ends', onMessage: 'process.exit(3)', says: 'ended with code 3' },
  ])('rejects what waits for it, and what comes later, when it $fate', async ({ onMessage, says }) => {
    const thread = threadThat(onMessage);
    const pending = [1, 2].map(() => thread.ask(request, [], signal));
    for (const answer of await Promise.allSettled(pending))
      expect(answer).toMatchObject({ status: 'rejected', reason: { name: 'ExecutionError' } });
    await expect(thread.ask(request, [], signal)).rejects.toThrow(says);
    await thread.close();
  });

  it('drops an answer that nobody waits for any more', async () => {
    const thread = threadThat(
      "if (id === 0) process.exit(); setTimeout(() => parentPort.postMessage([id, 'answer', ['released']]), 20)",
    );
    const controller = new AbortController();
    const left = thread.ask(request, [], controller.signal);
    controller.abort(new Error('enough'));
    await expect(left).rejects.toThrow('enough');
    expect(await thread.ask(request, [], signal)).toEqual(['released']);
    await thread.close();
  });

  it('rebuilds the errors of the thread', async () => {
    const thread = threadThat(
      "if (id === 0) process.exit(); parentPort.postMessage([id, 'error', { name: 'ResourceError', message: 'full', remedy: 'less' }])",
    );
    await expect(thread.ask(request, [], signal)).rejects.toMatchObject({
      name: 'ResourceError',
      remedy: 'less',
    });
    await thread.close();
  });

  it('says so when a buffer cannot be moved', async () => {
    const thread = threadThat('if (id === 0) process.exit()');
    const twice = new ArrayBuffer(8);
    await expect(thread.ask(request, [twice, twice], signal)).rejects.toThrow('cannot be moved');
    await thread.close();
  });
});
