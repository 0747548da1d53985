import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { Worker } from 'node:worker_threads';
import { createModelBuilder, encodedBytes, encodeModel } from '@tandem/core';
import type { Check } from './check.ts';

/** What running a model needs: the model runtime, pictures, threads and a local network. */
export const executionChecks: readonly Check[] = [
  {
    name: 'ONNX Runtime',
    severity: 'fail',
    remedy:
      'Run `npm install` again on a platform that onnxruntime-node supports (Linux, macOS or Windows; x64 or arm64).',
    look: async () => ({ found: await runTinyModel() }),
  },
  {
    name: 'pictures (sharp)',
    severity: 'warn',
    remedy: 'Run `npm install sharp`; without it, give inputs as .npy or .bin.',
    look: async () => ({ found: await resizePicture() }),
  },
  {
    name: 'worker threads',
    severity: 'fail',
    remedy: 'Allow this process more threads (`ulimit -u`, container limits).',
    look: async (signal) => ({ found: await echoThroughWorker(signal) }),
  },
  {
    name: 'loopback TCP',
    severity: 'fail',
    remedy: 'Let processes of this machine connect to 127.0.0.1: check the firewall and the sandbox.',
    look: async (signal) => ({ found: await echoThroughSocket(signal) }),
  },
];

async function runTinyModel(): Promise<string> {
  const { ortSession } = await import('@tandem/node');
  const bytes = encodedBytes(encodeModel(negation()));
  const session = await ortSession({ bytes, weights: null }, { name: 'a tiny model' });
  try {
    const data = new Uint8Array(Float32Array.of(1, -2).buffer);
    const { outputs } = await session.run([{ name: 'x', type: 'float32', shape: [2], data }]);
    const result = outputs[0]?.data ?? new Uint8Array();
    if (String(new Float32Array(result.slice().buffer)) !== '-1,2')
      throw new Error('a tiny model gave a wrong answer');
    return 'loads and runs a tiny model';
  } finally {
    await session.release();
  }
}

function negation(): ReturnType<ReturnType<typeof createModelBuilder>['build']> {
  const builder = createModelBuilder({ name: 'negation', opset: 13 });
  const x = builder.input('x', 'float32', [2]);
  builder.output(builder.node('Neg', [x], {}, 'y'), 'float32', [2]);
  return builder.build();
}

async function resizePicture(): Promise<string> {
  const { fitPicture, generatedPicture, modelCards } = await import('@tandem/node');
  const picture = generatedPicture(64, 48, 1);
  const { width, height } = await fitPicture(picture, modelCards['imagenet-torchvision'], {
    width: 28,
    height: 28,
  });
  return `resizes a picture to ${width}x${height}`;
}

async function echoThroughWorker(signal: AbortSignal): Promise<string> {
  const program =
    "const { parentPort } = require('node:worker_threads'); parentPort.once('message', (m) => parentPort.postMessage(m));";
  const worker = new Worker(program, { eval: true });
  try {
    worker.postMessage('echo');
    await once(worker, 'message', { signal });
    return 'start and answer';
  } finally {
    await worker.terminate();
  }
}

async function echoThroughSocket(signal: AbortSignal): Promise<string> {
  const server = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
  server.listen(0, '127.0.0.1');
  try {
    await once(server, 'listening', { signal });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port was given');
    const socket = connect(address.port, '127.0.0.1');
    await once(socket, 'connect', { signal });
    socket.end('echo');
    await once(socket, 'data', { signal });
    socket.destroy();
    return 'connects and answers';
  } finally {
    server.close();
  }
}
