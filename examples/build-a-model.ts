// A model made by hand: nodes, weights, shapes, and the bytes that any ONNX runtime loads.
import { createModelBuilder, encodedBytes, encodeModel, graphOf } from '@tandem/core';

const onnx = createModelBuilder({ name: 'edges' });
const image = onnx.input('image', 'float32', ['N', 1, 28, 28]);
const kernel = onnx.initializer('edges.weight', 'float32', [1, 1, 3, 3], [-1, 0, 1, -2, 0, 2, -1, 0, 1]);
const edges = onnx.node('Conv', [image, kernel], { kernel_shape: [3, 3] }, 'edges');
const strength = onnx.node('Abs', [edges], {}, 'strength');
onnx.output(strength, 'float32', ['N', 1, 26, 26]);

const model = onnx.build();
for (const node of graphOf(model).nodes) console.log(`${node.op} '${node.name}': ${node.flops} operations`);
console.log(`${encodedBytes(encodeModel(model)).length} bytes of ONNX`);
