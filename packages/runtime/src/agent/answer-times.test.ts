import { createHash } from 'node:crypto';
import type { CreateSha256 } from '@tandem/core';
import { expect, it } from 'vitest';
import { planInputs, type SmallPlan, startPipeline } from '../gateway/pipeline-harness.ts';
import { memoryTransport } from '../transport/memory.ts';
import type { Transport } from '../transport/transport.ts';
import { virtualClock } from '../virtual-clock.ts';
import type { Message } from '../wire/message.ts';
import { decodeMessage } from '../wire/message-codec.ts';

const createSha256: CreateSha256 = () => {
  const hash = createHash('sha256');
  return { update: (chunk) => void hash.update(chunk), hexadecimal: () => hash.digest('hex') };
};

/** `onSent` gets what those who listen send. */
function overheard(inner: Transport, onSent: (message: Message) => void): Transport {
  return {
    ...inner,
    listen: (address, onConnection, options) =>
      inner.listen(
        address,
        (connection) => {
          const send = connection.send.bind(connection);
          connection.send = async (frame, signal) => {
            onSent(decodeMessage(frame.header));
            await send(frame, signal);
          };
          onConnection(connection);
        },
        options,
      ),
  };
}

const plan: SmallPlan = {
  stages: [
    { device: 'a', inputs: ['x'], outputs: ['h'] },
    { device: 'b', inputs: ['h'], outputs: ['y', 'z'] },
  ],
  inputs: ['x'],
  outputs: ['y', 'z'],
  source: 'a',
  sink: 'b',
};

it('says how long the last stage took on the first of its answers, and says it once', async () => {
  const said: Message[] = [];
  const transport = overheard(memoryTransport(), (message) => said.push(message));
  const setup = { transport, clock: virtualClock(), createSha256, address: 'memory:0' };
  const { signal } = new AbortController();
  const pipeline = await startPipeline(setup, plan);
  try {
    const { stages } = await pipeline.gateway.request(planInputs(plan, 1), { signal });
    expect(stages.map(({ stage }) => stage)).toEqual([0, 1]);
    const answers = said.flatMap((message) => (message.kind === 'tensor' ? [message] : []));
    expect(answers.map(({ tensor, times }) => [tensor, times?.stage])).toEqual([
      ['y', 1],
      ['z', undefined],
    ]);
    const alone = said.flatMap((message) => (message.kind === 'stage-done' ? [message.stage] : []));
    expect(alone).toEqual([0]);
  } finally {
    await pipeline.close();
  }
});
