import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { bytes, digestBytes, seconds } from '@tandem/core';
import { createSha256, systemClock, tcp } from '@tandem/node';
import { connectGateway, manifestOf, type SegmentSource } from '@tandem/runtime';
import { describe, expect, it } from 'vitest';

const token = 'a token of two processes';
const program = fileURLToPath(new URL('./endless-agent.mjs', import.meta.url));

/** A stage that never answers, so that the process can be killed in the middle of it. */
function segment(): SegmentSource {
  const model = new TextEncoder().encode('endless');
  const part = {
    name: 'model.onnx',
    sizeBytes: bytes(model.length),
    digest: digestBytes(model, createSha256),
  };
  return { manifest: manifestOf([part], createSha256), chunks: () => [model] };
}

describe('an agent in a process of its own', () => {
  it.each(['SIGKILL', 'SIGSTOP'] as const)(
    'is noticed when it gets %s in the middle of a request',
    async (kill) => {
      const child = fork(program, [token], { stdio: 'ignore' });
      const [address] = (await once(child, 'message')) as [string];
      const { signal } = new AbortController();
      const limits = { heartbeatSeconds: 0.1 };
      const gateway = await connectGateway({
        transport: tcp(),
        clock: systemClock,
        token,
        addresses: { far: address },
        limits,
        signal,
      });
      try {
        const source = segment();
        const { digest } = source.manifest;
        const stage = {
          stage: 0,
          device: 'far',
          segment: digest,
          threads: 1,
          optimisation: 'all',
          paceSeconds: null,
        } as const;
        const codec = { kind: 'raw' } as const;
        const deployment = {
          version: 1,
          requestTimeoutSeconds: seconds(20),
          queue: 2,
          tensors: [
            { name: 'x', type: 'uint8', shape: [1] } as const,
            { name: 'y', type: 'uint8', shape: [1] } as const,
          ],
          stages: [{ ...stage, inputs: ['x'], outputs: ['y'] }],
          routes: [
            { tensor: 'x', from: null, to: 'far', codec },
            { tensor: 'y', from: 'far', to: null, codec },
          ],
          pacedLinks: [],
        };
        await gateway.deploy(deployment, new Map([[digest, source]]), { signal });
        const started = once(child, 'message');
        const request = gateway.request([{ name: 'x', type: 'uint8', shape: [1], data: new Uint8Array(1) }], {
          signal,
        });
        const failed = expect(request).rejects.toMatchObject({
          name: 'ConnectionError',
          message: expect.stringContaining('device far was lost') as string,
        });
        await started;
        child.kill(kill);
        await failed;
      } finally {
        child.kill('SIGKILL');
        await gateway.close();
      }
    },
  );
});
