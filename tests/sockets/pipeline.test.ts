import { createSha256, systemClock, tcp } from '@tandem/node';
import { pipelineConformance } from '@tandem/runtime';
import { describe, expect, it } from 'vitest';

describe('pipeline over TCP', () => {
  const setup = { transport: tcp(), clock: systemClock, createSha256, address: '127.0.0.1:0' };
  for (const each of pipelineConformance(setup)) it(each.name, () => each.run(), 15_000);

  it('leaves no socket open', async () => {
    await expect.poll(openSockets, { timeout: 3000 }).toBe(0);
  });
});

const openSockets = (): number =>
  process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP')).length;
