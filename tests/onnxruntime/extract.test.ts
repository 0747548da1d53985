import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  bufferSource,
  createRandom,
  dependence,
  encodedBytes,
  encodeModel,
  externaliseWeights,
  extractBetween,
  extractNodes,
  type GraphProto,
  type ModelProto,
  modelInputs,
  type NodeProto,
  rangeOf,
  readModel,
  resolveExternal,
  type ValueInfo,
  type ValueType,
  validateModel,
} from '@tandem/core';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { modelAround } from '../../packages/core/src/onnx/model-around.ts';
import { dataFolder } from '../data.ts';

type Values = Record<string, Tensor>;

/** Without any optimisation every operator computes the same bits wherever the model is cut. */
const options: InferenceSession.SessionOptions = {
  graphOptimizationLevel: 'disabled',
  intraOpNumThreads: 1,
  logSeverityLevel: 3,
};

const run = async (model: ModelProto, feeds: Values): Promise<Values> => {
  const session = await InferenceSession.create(encodedBytes(encodeModel(model)), options);
  const outputs = await session.run(
    Object.fromEntries(session.inputNames.map((name) => [name, tensor(feeds, name)])),
  );
  await session.release();
  return { ...outputs };
};

const tensor = (values: Values, name: string): Tensor => values[name] ?? expect.fail(`no tensor '${name}'`);

/** A type without a shape where the model says none: the runtime finds it out. */
const typesOf = (model: ModelProto) => {
  const { inputs, outputs, valueInfos } = model.graph;
  const said = new Map([...inputs, ...outputs, ...valueInfos].map((info) => [info.name, info.type]));
  return (name: string): ValueType =>
    said.get(name) ?? { kind: 'tensor', elementType: 'float32', shape: null };
};

const noise = (shape: readonly number[]): Tensor => {
  const random = createRandom(7);
  const count = shape.reduce((product, size) => product * size, 1);
  return new Tensor(
    'float32',
    Float32Array.from({ length: count }, () => random.next() * 2 - 1),
    [...shape],
  );
};

const models = [
  'mnist_cntk',
  'cifar10_smallcnn_winml',
  'cifar10_resnet8_mlperftiny',
  'vww_mobilenet_v1_0.25_96',
  'ultraface_rfb_320',
];

describe.skipIf(dataFolder === null)('parts of real models', () => {
  test.each(models)('%s in two and in three equals the whole, bit for bit', async (name) => {
    const path = join(dataFolder ?? '', 'models', `${name}.onnx`);
    const whole = readModel(bufferSource(readFileSync(path)));
    const needs = dependence(whole.graph);
    const nodes = whole.graph.nodes.map((_, index) => index).filter((index) => !needs[index]?.constant);
    const feeds = Object.fromEntries(
      modelInputs(whole.graph).map((info) => [info.name, noise(shapeOf(info))]),
    );
    const expected = await run(whole, feeds);
    for (const fractions of [
      [0, 0.5, 1],
      [0, 0.25, 0.7, 1],
    ]) {
      const bounds = fractions.map((fraction) => Math.round(fraction * nodes.length));
      const values = { ...feeds };
      for (const [index, from] of bounds.slice(0, -1).entries()) {
        const part = extractNodes(whole, {
          nodes: nodes.slice(from, bounds[index + 1]),
          typeOf: typesOf(whole),
        });
        expect(validateModel(part)).toEqual([]);
        Object.assign(values, await run(part, values));
      }
      for (const { name: output } of whole.graph.outputs)
        expect(tensor(values, output).data).toEqual(tensor(expected, output).data);
    }
  });

  test('weights in a file beside the model, loaded by path', async () => {
    const whole = readModel(bufferSource(readFileSync(join(dataFolder ?? '', 'models', 'mnist_cntk.onnx'))));
    const { model, weights } = externaliseWeights(whole, { location: 'weights.bin', minimumBytes: 256 });
    expect(weights.sizeBytes).toBeGreaterThan(4096);
    const folder = mkdtempSync(join(tmpdir(), 'tandem-external-'));
    try {
      writeFileSync(join(folder, 'weights.bin'), encodedBytes(weights));
      writeFileSync(join(folder, 'model.onnx'), encodedBytes(encodeModel(model)));
      const session = await InferenceSession.create(join(folder, 'model.onnx'), options);
      const feeds = Object.fromEntries(session.inputNames.map((name) => [name, noise([1, 1, 28, 28])]));
      const output = whole.graph.outputs[0]?.name ?? '';
      const expected = tensor(await run(whole, feeds), output);
      expect((await session.run(feeds))[output]?.data).toEqual(expected.data);
      await session.release();
      const resolved = resolveExternal(
        readModel(bufferSource(readFileSync(join(folder, 'model.onnx')))),
        (location) => bufferSource(readFileSync(join(folder, location))),
      );
      expect((await run(resolved, feeds))[output]?.data).toEqual(expected.data);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

function shapeOf(info: ValueInfo): number[] {
  const shape = info.type?.kind === 'tensor' ? info.type.shape : null;
  return (shape ?? []).map((size) => (typeof size === 'number' ? size : 1));
}

const float = (shape: readonly number[]): ValueType => ({ kind: 'tensor', elementType: 'float32', shape });
const typed = (name: string, type: ValueType): ValueInfo => ({ name, type, documentation: '', rest: [] });

const node = (
  opType: string,
  inputs: string[],
  outputs: string[],
  attributes: NodeProto['attributes'] = [],
): NodeProto => ({
  name: outputs[0] ?? '',
  opType,
  domain: '',
  inputs,
  outputs,
  attributes,
  documentation: '',
  rest: [],
});

const graph = (nodes: NodeProto[], inputs: ValueInfo[], outputs: ValueInfo[]): GraphProto => ({
  name: 'captures',
  documentation: '',
  nodes,
  initializers: [],
  inputs,
  outputs,
  valueInfos: [],
  rest: [],
});

const weight = (name: string, values: readonly number[]) => ({
  name,
  elementType: 'float32' as const,
  dims: [values.length],
  data: { kind: 'bytes' as const, bytes: rangeOf(new Uint8Array(Float32Array.from(values).buffer)) },
  documentation: '',
});

describe('sub-graphs that capture', () => {
  const bool: ValueType = { kind: 'tensor', elementType: 'bool', shape: [] };
  const branch = (name: string, opType: string) => {
    const body = graph([node(opType, ['a', 'w'], [`${name}/out`])], [], [typed(`${name}/out`, float([2]))]);
    return { name, kind: 'graph' as const, value: body };
  };
  const branches = [branch('then_branch', 'Add'), branch('else_branch', 'Mul')];
  const ifModel = modelAround({
    ...graph(
      [node('Neg', ['x'], ['a']), node('If', ['flag'], ['y'], branches), node('Sub', ['y', 'x'], ['z'])],
      [typed('x', float([2])), typed('flag', bool)],
      [typed('z', float([2]))],
    ),
    initializers: [weight('w', [10, 100])],
  });
  const typeOf = (name: string): ValueType => (name === 'flag' ? bool : float([2]));
  const x = new Tensor('float32', Float32Array.from([1, 2]), [2]);

  test.each([
    { flag: true, y: [9, 98], z: [8, 96] },
    { flag: false, y: [-10, -200], z: [-11, -202] },
  ])('If with flag $flag: the captured activation arrives as an input', async ({ flag, y, z }) => {
    const feeds = { x, flag: new Tensor('bool', [flag], []) };
    const part = extractNodes(ifModel, { nodes: [1], typeOf });
    expect(part.graph.inputs.map((input) => input.name)).toEqual(['flag', 'a']);
    const a = new Tensor('float32', Float32Array.from([-1, -2]), [2]);
    expect([...((await run(part, { ...feeds, a }))['y']?.data ?? [])]).toEqual(y);
    const tail = extractBetween(ifModel, { inputs: ['a', 'flag', 'x'], outputs: ['z'], typeOf });
    expect([...((await run(tail, { ...feeds, a }))['z']?.data ?? [])]).toEqual(z);
    expect([...((await run(ifModel, feeds))['z']?.data ?? [])]).toEqual(z);
  });

  test('Loop: what its body reads from outside arrives, its own state does not', async () => {
    const int: ValueType = { kind: 'tensor', elementType: 'int64', shape: [] };
    const body = graph(
      [node('Add', ['state', 'a'], ['next']), node('Identity', ['going'], ['goes'])],
      [typed('turn', int), typed('going', bool), typed('state', float([2]))],
      [typed('goes', bool), typed('next', float([2]))],
    );
    const three = new Uint8Array(BigInt64Array.from([3n]).buffer);
    const turns = {
      name: 'value',
      kind: 'tensor' as const,
      value: {
        name: '',
        elementType: 'int64' as const,
        dims: [],
        data: { kind: 'bytes' as const, bytes: rangeOf(three) },
        documentation: '',
      },
    };
    const whole = modelAround(
      graph(
        [
          node('Neg', ['x'], ['a']),
          node('Constant', [], ['turns'], [turns]),
          node('Loop', ['turns', '', 'x'], ['y'], [{ name: 'body', kind: 'graph', value: body }]),
        ],
        [typed('x', float([2]))],
        [typed('y', float([2]))],
      ),
    );
    const part = extractNodes(whole, { nodes: [2], typeOf });
    expect(part.graph.inputs.map((input) => input.name)).toEqual(['x', 'a']);
    expect(part.graph.nodes.map((item) => item.opType)).toEqual(['Constant', 'Loop']);
    const a = new Tensor('float32', Float32Array.from([5, 7]), [2]);
    expect([...((await run(part, { x, a }))['y']?.data ?? [])]).toEqual([16, 23]);
  });
});
