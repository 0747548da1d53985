// A model made in memory, run by ONNX Runtime in a worker thread: the executor that an agent runs its stages on.
import { createModelBuilder, encodedBytes, encodeModel } from '@tandem/core';
import { ortExecutor } from '@tandem/node';

const builder = createModelBuilder({ name: 'example' });
const input = builder.input('input', 'float32', [1, 4]);
builder.output(builder.node('Relu', [input], {}, 'output'), 'float32', [1, 4]);
const segment = {
  digest: 'example',
  model: { bytes: encodedBytes(encodeModel(builder.build())), weights: null },
};

const signal = AbortSignal.timeout(30_000);
const executor = ortExecutor();
const loaded = await executor.load(segment, { signal });
const values = new Float32Array([-2, -1, 1, 2]);
const tensor = { name: 'input', type: 'float32', shape: [1, 4], data: new Uint8Array(values.buffer) };
const { outputs } = await loaded.run([tensor], signal);
const [output] = outputs;
const result = [...new Float32Array(output.data.buffer, output.data.byteOffset, 4)];
console.log(`Relu(-2, -1, 1, 2) = ${result.join(', ')}`);
await executor.close();

if (result.join() !== '0,0,1,2') throw new Error('expected 0, 0, 1, 2');
