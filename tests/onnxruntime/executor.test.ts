import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  createModelBuilder,
  type ElementType,
  elementTypeCodes,
  encodedBytes,
  encodeModel,
  externaliseWeights,
  type ModelProto,
} from '@tandem/core';
import { ortExecutor, ortSession } from '@tandem/node';
import {
  type ExecutorSetup,
  elapse,
  executorConformance,
  type LoadedSegment,
  neverAborted,
  type StoredSegment,
  sameTensors,
  type TensorValue,
} from '@tandem/runtime';
import { afterAll, describe, expect, it } from 'vitest';

const scratch = mkdtempSync(join(tmpdir(), 'executor-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** y = relu(x · w + x), z = |x|, with w [64, 64] kept in the weights of the segment. */
function smallModel(): ModelProto {
  const builder = createModelBuilder({ name: 'small', opset: 17 });
  const x = builder.input('x', 'float32', ['N', 64]);
  const numbers = Array.from({ length: 4096 }, (_, index) => ((index * 7) % 13) / 13 - 0.5);
  const w = builder.initializer('w', 'float32', [64, 64], numbers);
  const sum = builder.node('Add', [builder.node('MatMul', [x, w]), x]);
  builder.output(builder.node('Relu', [sum], {}, 'y'), 'float32', ['N', 64]);
  builder.output(builder.node('Abs', [x], {}, 'z'), 'float32', ['N', 64]);
  return builder.build();
}

const bytesOf = (model: ModelProto): Uint8Array => encodedBytes(encodeModel(model));

const inBytes: StoredSegment = {
  digest: 'b'.repeat(64),
  model: { bytes: bytesOf(smallModel()), weights: null },
};

function smallInputs(): TensorValue[] {
  const values = Float32Array.from({ length: 128 }, (_, index) => Math.sin(index));
  return [{ name: 'x', type: 'float32', shape: [2, 64], data: new Uint8Array(values.buffer) }];
}

/** The same model in two files, and in two pieces of memory. */
function apart(): readonly StoredSegment[] {
  const { model, weights } = externaliseWeights(smallModel(), { location: 'weights.bin', minimumBytes: 1 });
  const [modelBytes, weightBytes] = [bytesOf(model), encodedBytes(weights)];
  const path = join(scratch, 'model.onnx');
  writeFileSync(path, modelBytes);
  writeFileSync(join(scratch, 'weights.bin'), weightBytes);
  return [
    { digest: 'files', model: { path } },
    { digest: 'memory', model: { bytes: modelBytes, weights: weightBytes } },
  ];
}

describe('ORT executor keeps what an executor promises', () => {
  const setup: ExecutorSetup = {
    createExecutor: () => ortExecutor(),
    segment: inBytes,
    createInputs: smallInputs,
    outputs: ['y', 'z'],
    unusable: { digest: 'c'.repeat(64), model: { bytes: new Uint8Array(100).fill(7), weights: null } },
  };
  it.each(executorConformance(setup))('$name', ({ run }) => run());
});

async function withExecutor(
  body: (load: (segment: StoredSegment) => Promise<LoadedSegment>) => Promise<void>,
) {
  const executor = ortExecutor();
  try {
    await body((segment) => executor.load(segment, { signal: neverAborted() }));
  } finally {
    await executor.close();
  }
}

describe('ORT executor', () => {
  it('answers the same bits from bytes, from files and from pieces of memory, in a worker and on this thread', () =>
    withExecutor(async (load) => {
      const session = await ortSession(inBytes.model, { name: 'here' });
      const here = await session.run(smallInputs());
      for (const segment of [inBytes, ...apart()]) {
        const { outputs } = await (await load(segment)).run(smallInputs(), neverAborted());
        expect(sameTensors(outputs, here.outputs)).toBe(true);
      }
      expect(await valuesOf(session, 'z')).toEqual(
        Float32Array.from({ length: 128 }, (_, i) => Math.abs(Math.sin(i))),
      );
      await session.release();
    }));

  it('takes the buffers of its inputs, but not a buffer that they are part of', () =>
    withExecutor(async (load) => {
      const loaded = await load(inBytes);
      const [whole] = smallInputs();
      if (whole === undefined) throw new Error('no input');
      const pool = new Uint8Array(1000);
      pool.set(whole.data, 3);
      const part = { ...whole, data: pool.subarray(3, 3 + whole.data.length) };
      const [first, second] = await Promise.all([
        loaded.run([part], neverAborted()),
        loaded.run([whole], neverAborted()),
      ]);
      expect(sameTensors(first.outputs, second.outputs)).toBe(true);
      expect([whole.data.length, pool.length]).toEqual([0, 1000]);
      await expect(loaded.run([whole], neverAborted())).rejects.toMatchObject({ name: 'ExecutionError' });
    }));

  it.each([
    { name: 'a wrong rank', shape: [128], bytes: 512, says: 'rank' },
    { name: 'a wrong extent', shape: [4, 32], bytes: 512, says: 'Got: 32 Expected: 64' },
    {
      name: 'fewer bytes than the shape says',
      shape: [2, 64],
      bytes: 508,
      says: 'holds 508 bytes, expected 512',
    },
    { name: 'an extent that is no count', shape: [-2, -64], bytes: 512, says: 'failed' },
  ])('names the segment and what is wrong with $name', ({ shape, bytes, says }) =>
    withExecutor(async (load) => {
      const loaded = await load(inBytes);
      const input = { name: 'x', type: 'float32', shape, data: new Uint8Array(bytes) } as const;
      const failure = loaded.run([input], neverAborted());
      await expect(failure).rejects.toMatchObject({ name: 'ExecutionError' });
      await expect(failure).rejects.toThrow(says);
    }),
  );

  it('names a segment that cannot be loaded', () =>
    withExecutor(async (load) => {
      const missing: StoredSegment = { digest: 'd'.repeat(64), model: { path: '/nowhere/model.onnx' } };
      await expect(load(missing)).rejects.toThrow(
        /segment dddddddddddd cannot be loaded: .*\/nowhere\/model.onnx/,
      );
    }));

  it('stays responsive while a segment runs', () =>
    withExecutor(async (load) => {
      const loaded = await load({ digest: 'slow', model: { bytes: bytesOf(slowModel()), weights: null } });
      let turns = 0;
      let done = false;
      const data = new Uint8Array(4 * 512 * 512);
      const running = loaded
        .run([{ name: 'x', type: 'float32', shape: [512, 512], data }], neverAborted())
        .then(() => {
          done = true;
        });
      for (; !done; turns++) await new Promise(setImmediate);
      await running;
      expect(turns).toBeGreaterThan(10);
    }));

  it('rejects what is under way when it closes', () =>
    withExecutor(async (load) => {
      const executor = ortExecutor();
      const model = { bytes: bytesOf(slowModel()), weights: null };
      const loaded = await executor.load({ digest: 'slow', model }, { signal: neverAborted() });
      const data = new Uint8Array(4 * 512 * 512);
      const running = loaded.run([{ name: 'x', type: 'float32', shape: [512, 512], data }], neverAborted());
      const outcome = expect(running).rejects.toMatchObject({ name: 'ExecutionError' });
      await executor.close();
      await outcome;
      await (await load(inBytes)).run(smallInputs(), neverAborted());
    }));
});

/** Long enough to look up from: 40 products of [512, 512]. */
function slowModel(): ModelProto {
  const builder = createModelBuilder({ name: 'slow', opset: 17 });
  let tensor = builder.input('x', 'float32', [512, 512]);
  const first = tensor;
  for (let layer = 0; layer < 40; layer++) tensor = builder.node('MatMul', [tensor, first]);
  builder.output(builder.node('Relu', [tensor], {}, 'y'), 'float32', [512, 512]);
  return builder.build();
}

interface TypeCase {
  readonly type: ElementType;
  readonly data: Uint8Array<ArrayBuffer>;
}

const identityCases: readonly TypeCase[] = [
  { type: 'float32', data: bytesIn(Float32Array.of(1.5, -2, 0)) },
  { type: 'float64', data: bytesIn(Float64Array.of(Math.PI, -0, 5)) },
  { type: 'float16', data: bytesIn(Uint16Array.of(0x3c00, 0xc000, 0x0001)) },
  { type: 'int8', data: bytesIn(Int8Array.of(-128, 0, 127)) },
  { type: 'int16', data: bytesIn(Int16Array.of(-32768, 0, 7)) },
  { type: 'int32', data: bytesIn(Int32Array.of(-(2 ** 31), 0, 7)) },
  { type: 'int64', data: bytesIn(BigInt64Array.of(-(2n ** 63n), 0n, 2n ** 63n - 1n)) },
  { type: 'uint8', data: bytesIn(Uint8Array.of(0, 1, 255)) },
  { type: 'uint16', data: bytesIn(Uint16Array.of(0, 1, 65535)) },
  { type: 'uint32', data: bytesIn(Uint32Array.of(0, 1, 2 ** 32 - 1)) },
  { type: 'uint64', data: bytesIn(BigUint64Array.of(0n, 1n, 2n ** 64n - 1n)) },
  { type: 'bool', data: bytesIn(Uint8Array.of(0, 1, 1)) },
];

describe('element types', () => {
  const executor = ortExecutor();
  afterAll(() => executor.close());

  it.each(identityCases)('$type passes bit for bit', async ({ type, data }) => {
    const loaded = await executor.load(
      {
        digest: type,
        model: { bytes: bytesOf(identityModel(type)), weights: null },
      },
      { signal: neverAborted() },
    );
    const { outputs } = await loaded.run(
      [{ name: 'x', type, shape: [3], data: data.slice() }],
      neverAborted(),
    );
    expect(outputs).toEqual([{ name: 'y', type, shape: [3], data }]);
  });

  it('an empty tensor passes', () =>
    withExecutor(async (load) => {
      const bytes = bytesOf(identityModel('float32', 'N'));
      const loaded = await load({ digest: 'empty', model: { bytes, weights: null } });
      const input = { name: 'x', type: 'float32', shape: [0], data: new Uint8Array(0) } as const;
      const { outputs } = await loaded.run([input], neverAborted());
      expect(outputs.map(({ shape, data }) => [shape, data.length])).toEqual([[[0], 0]]);
    }));

  it.each(['string', 'bfloat16', 'complex64', 'float8e4m3fn'] as const)(
    '%s is refused at loading, and the process lives',
    (type) =>
      withExecutor(async (load) => {
        const bytes = bytesOf(identityModel(type, 3, 21));
        const failure = load({ digest: type, model: { bytes, weights: null } });
        await expect(failure).rejects.toMatchObject({
          name: expect.stringMatching(/UnsupportedError|ExecutionError/),
        });
        await expect(failure).rejects.toThrow(/type|Type/);
      }),
  );
});

describe.each(['uint4', 'int4'] as const)('%s', (type) => {
  it('outputs are refused at loading, before they could abort the process', () =>
    withExecutor(async (load) => {
      const builder = createModelBuilder({ name: type, opset: 21, irVersion: 10 });
      const x = builder.input('x', 'float32', [4]);
      builder.output(builder.node('Cast', [x], { to: elementTypeCodes[type] }, 'y'), type, [4]);
      const failure = load({ digest: type, model: { bytes: bytesOf(builder.build()), weights: null } });
      await expect(failure).rejects.toMatchObject({ name: 'UnsupportedError' });
      await expect(failure).rejects.toThrow(`the tensor y has elements of type ${type}`);
    }));
});

function identityModel(type: ElementType, extent: number | string = 3, opset = 17): ModelProto {
  const builder = createModelBuilder({ name: type, opset, irVersion: opset > 17 ? 10 : 8 });
  builder.output(builder.node('Identity', [builder.input('x', type, [extent])], {}, 'y'), type, [extent]);
  return builder.build();
}

function bytesIn({ buffer }: { readonly buffer: ArrayBuffer }): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer);
}

async function valuesOf(session: Awaited<ReturnType<typeof ortSession>>, name: string) {
  const { outputs } = await session.run(smallInputs());
  const output = outputs.find((tensor) => tensor.name === name);
  return output && new Float32Array(output.data.buffer);
}

afterAll(async () => {
  const threads = () => process.getActiveResourcesInfo().filter((kind) => /Worker|MessagePort/.test(kind));
  for (let wait = 0; wait < 20 && threads().length > 0; wait++) await elapse(50);
  expect(threads()).toEqual([]);
});

it('lets a process that exits in the middle of a run end in peace', async () => {
  const { path } = (apart()[0] as { model: { path: string } }).model;
  const program = fileURLToPath(new URL('exits-while-running.ts', import.meta.url));
  const attempt = async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', program, path], { stdio: 'ignore' });
    return once(child, 'exit');
  };
  expect(await Promise.all([attempt(), attempt()])).toEqual([
    [7, null],
    [7, null],
  ]);
});
