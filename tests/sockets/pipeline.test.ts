import { createSha256, systemClock, tcp, webSocket } from '@tandem/node';
import { pipelineConformance, priorityConformance, SpareBuffers, streamConformance } from '@tandem/runtime';
import { describe, expect, it } from 'vitest';

const spare = new SpareBuffers();

describe.each([
  { name: 'TCP', transport: tcp({ spare }), address: '127.0.0.1:0' },
  { name: 'WebSocket', transport: webSocket({ spare }), address: 'ws://127.0.0.1:0' },
])('pipeline over $name', ({ transport, address }) => {
  const setup = { transport, spare, clock: systemClock, createSha256, address };
  for (const each of [
    ...pipelineConformance(setup),
    ...streamConformance(setup),
    ...priorityConformance(setup),
  ])
    it(each.name, () => each.run(), 15_000);

  it('leaves no socket open', async () => {
    await expect.poll(openSockets, { timeout: 3000 }).toBe(0);
  });
});

const openSockets = (): number =>
  process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP')).length;
