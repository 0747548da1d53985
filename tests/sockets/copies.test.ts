import { createModelBuilder, encodedBytes, encodeModel } from '@tandem/core';
import { ortExecutor, tcp } from '@tandem/node';
import {
  type Connection,
  type Executor,
  elapse,
  type LoadedSegment,
  neverAborted,
  patternBytes,
  type TensorValue,
} from '@tandem/runtime';
import { afterEach, expect, it } from 'vitest';

const elements = 150_000;
const tensorBytes = 4 * elements;
const limits = { headerBytes: 1000, bodyBytes: tensorBytes };
const signal = neverAborted();

/** Counts the bytes that this thread's code copies from one array to another, whichever way it goes about it. */
class CopyMeter {
  readonly #restore: (() => void)[] = [];
  copiedBytes = 0;

  constructor() {
    this.#count(Uint8Array.prototype, 'set', (_self, [source]) => lengthOf(source));
    this.#count(Uint8Array.prototype, 'slice', (self, _given, result) =>
      result === self ? 0 : lengthOf(result),
    );
    this.#count(Uint8Array, 'from', (_self, _given, result) => lengthOf(result));
    this.#count(ArrayBuffer.prototype, 'slice', (_self, _given, result) => lengthOf(result));
    this.#count(Buffer, 'concat', (_self, _given, result) => lengthOf(result));
    this.#count(Buffer, 'from', (_self, [source], result) =>
      source instanceof ArrayBuffer ? 0 : lengthOf(result),
    );
    this.#count(Buffer.prototype, 'copy', (_self, _given, result) => Number(result));
    this.#count(globalThis, 'structuredClone', (_self, [source]) => lengthOf(source));
    this.#countConstruction();
  }

  stop(): void {
    for (const restore of this.#restore.splice(0)) restore();
  }

  #count(
    holder: object,
    name: string,
    bytes: (self: unknown, given: unknown[], result: unknown) => number,
  ): void {
    const original: unknown = Reflect.get(holder, name);
    if (typeof original !== 'function') throw new Error(`there is no ${name} to count`);
    const add = (count: number) => {
      this.copiedBytes += count;
    };
    this.#replace(holder, name, function counted(this: unknown, ...given: unknown[]): unknown {
      const result: unknown = Reflect.apply(original, this, given);
      add(bytes(this, given, result));
      return result;
    });
  }

  /** `new Uint8Array(another)` copies as well; of a buffer or a length it does not. */
  #countConstruction(): void {
    const construct = (
      target: Uint8ArrayConstructor,
      given: unknown[],
      newTarget: Uint8ArrayConstructor,
    ): object => {
      if (ArrayBuffer.isView(given[0])) this.copiedBytes += given[0].byteLength;
      return Reflect.construct(target, given, newTarget) as object;
    };
    this.#replace(globalThis, 'Uint8Array', new Proxy(Uint8Array, { construct }));
  }

  #replace(holder: object, name: string, value: unknown): void {
    const own = Object.getOwnPropertyDescriptor(holder, name);
    Object.defineProperty(holder, name, { value, configurable: true, writable: true });
    this.#restore.push(() => {
      if (own === undefined) Reflect.deleteProperty(holder, name);
      else Object.defineProperty(holder, name, own);
    });
  }
}

function lengthOf(source: unknown): number {
  if (ArrayBuffer.isView(source) || source instanceof ArrayBuffer) return source.byteLength;
  return Array.isArray(source) ? source.length : 0;
}

interface Agent {
  readonly executor: Executor;
  readonly segment: LoadedSegment;
}

async function startAgent(): Promise<Agent> {
  const builder = createModelBuilder({ name: 'stage', opset: 17 });
  const x = builder.input('x', 'float32', [elements]);
  builder.output(builder.node('Relu', [x], {}, 'y'), 'float32', [elements]);
  const bytes = encodedBytes(encodeModel(builder.build()));
  const executor = ortExecutor();
  const segment = await executor.load({ digest: 'stage', model: { bytes, weights: null } }, { signal });
  return { executor, segment };
}

async function connectTcp(): Promise<{ near: Connection; far: Connection; close: () => Promise<void> }> {
  const accepted: Connection[] = [];
  const listener = await tcp().listen('127.0.0.1:0', (connection) => accepted.push(connection), { limits });
  const near = await tcp().dial(listener.address, { limits, signal });
  while (accepted.length === 0) await elapse(1);
  const [far] = accepted;
  if (far === undefined) throw new Error('nobody was accepted');
  return { near, far, close: () => near.close().then(() => listener.close()) };
}

const tensorOf = (data: Uint8Array<ArrayBuffer>): TensorValue => ({
  name: 'x',
  type: 'float32',
  shape: [elements],
  data,
});

/** Worker → connection → connection → worker; returns what the second worker answers. */
async function hop(
  from: Agent,
  to: Agent,
  near: Connection,
  far: Connection,
): Promise<TensorValue | undefined> {
  const { outputs } = await from.segment.run([tensorOf(patternBytes(tensorBytes, 1))], signal);
  const [boundary] = outputs;
  if (boundary === undefined) throw new Error('the first stage answered nothing');
  const [frame] = await Promise.all([
    far.receive(signal),
    near.send({ header: new Uint8Array(100), body: boundary.data }, signal),
  ]);
  if (frame === null) throw new Error('the connection ended');
  const answer = await to.segment.run([tensorOf(frame.body)], signal);
  return answer.outputs[0];
}

let meter: CopyMeter | null = null;
afterEach(() => meter?.stop());

it('copies no tensor from agent to agent, each of which runs in a worker of its own', async () => {
  const agents = await Promise.all([startAgent(), startAgent()]);
  const { near, far, close } = await connectTcp();
  await hop(agents[0], agents[1], near, far);
  meter = new CopyMeter();
  const answer = await hop(agents[0], agents[1], near, far);
  meter.stop();
  const copies = meter.copiedBytes / tensorBytes;
  // The socket reads into the body itself, all but the few bytes that come with the header.
  expect(copies).toBeLessThan(0.05);
  expect(answer?.data.length).toBe(tensorBytes);
  await Promise.all([close(), ...agents.map(({ executor }) => executor.close())]);
  await expect.poll(openHandles).toEqual([]);
});

it.each([
  { way: 'set', copy: (bytes: Uint8Array) => new Uint8Array(bytes.length).set(bytes) },
  { way: 'slice', copy: (bytes: Uint8Array) => bytes.slice() },
  { way: 'construction', copy: (bytes: Uint8Array) => new Uint8Array(bytes) },
  { way: 'Buffer.from', copy: (bytes: Uint8Array) => Buffer.from(bytes) },
  {
    way: 'Buffer.copy',
    copy: (bytes: Uint8Array) => Buffer.from(bytes.buffer).copy(new Uint8Array(bytes.length)),
  },
  { way: 'structuredClone', copy: (bytes: Uint8Array) => structuredClone(bytes) },
])('the meter sees a copy by $way', ({ copy }) => {
  const bytes = new Uint8Array(5000);
  meter = new CopyMeter();
  copy(bytes);
  expect(meter.copiedBytes).toBeGreaterThanOrEqual(5000);
});

/** Sockets, listeners, and ports to threads. */
function openHandles(): readonly string[] {
  return process.getActiveResourcesInfo().filter((kind) => /^TCP|MessagePort|Worker/.test(kind));
}
