import { float } from '../onnx/build.ts';
import type { ModelProto } from '../onnx/model.ts';
import { fanInSpread, NetworkBuilder, type NetworkSettings } from './network-builder.ts';

const patch = 16;
const width = 768;
const heads = 12;
const layers = 12;
const hidden = 3072;

/**
 * ViT-B/16 as in torchvision: Dosovitskiy et al. 2021, "An image is worth 16 × 16 words", table 1. Tokens are [N, T, 768] with
 * T = (resolution / 16)² + 1; the class token is the first.
 */
export function vitB16(settings: NetworkSettings): ModelProto {
  const network = new NetworkBuilder('vit-b-16', settings);
  const image = network.image();
  addConstants(network);
  let x = tokens(network, image, (settings.resolution / patch) ** 2);
  for (let layer = 0; layer < layers; layer++) {
    const name = `encoder/layer${layer}`;
    const attended = attention(network, `${name}/attention`, layerNorm(network, `${name}/ln1`, x));
    x = network.add(`${name}/add1`, x, attended);
    x = network.add(
      `${name}/add2`,
      x,
      perceptron(network, `${name}/mlp`, layerNorm(network, `${name}/ln2`, x)),
    );
  }
  const normalized = layerNorm(network, 'encoder/ln', x);
  const classToken = network.onnx.node('Gather', [normalized, 'index/first'], { axis: 1 }, 'encoder/class');
  return network.build(network.linear('head', classToken, width, settings.classes, 1));
}

/** Scalars and shapes that many nodes read. */
function addConstants({ onnx }: NetworkBuilder): void {
  onnx.constant('index/first', 'int64', [], [0]);
  onnx.constant('shape/patches', 'int64', [3], [0, width, -1]);
  onnx.constant('shape/class', 'int64', [2], [1, width]);
  onnx.constant('shape/heads', 'int64', [4], [0, 0, heads, width / heads]);
  onnx.constant('shape/tokens', 'int64', [3], [0, 0, width]);
  onnx.constant('attention/scale', 'float32', [], [1 / Math.sqrt(width / heads)]);
  onnx.constant('gelu/root2', 'float32', [], [Math.SQRT2]);
  onnx.constant('gelu/one', 'float32', [], [1]);
  onnx.constant('gelu/half', 'float32', [], [0.5]);
}

/** Patches, a class token before them, and the learned positions. */
function tokens(network: NetworkBuilder, image: string, patches: number): string {
  const { onnx } = network;
  const options = { in: 3, out: width, kernel: patch, stride: patch, bias: true, gain: 1 };
  const map = network.convolution('patches', image, options);
  const rows = onnx.node('Reshape', [map, 'shape/patches'], {}, 'patches/flat');
  const embedded = onnx.node('Transpose', [rows], { perm: [0, 2, 1] }, 'patches/tokens');
  const token = network.parameter('class_token', [1, 1, width], { center: 0, spread: 1 });
  const batch = onnx.node('Shape', [image], { start: 0, end: 1 }, 'batch');
  const shape = onnx.node('Concat', [batch, 'shape/class'], { axis: 0 }, 'class/shape');
  const tokenRows = onnx.node('Expand', [token, shape], {}, 'class');
  const sequence = onnx.node('Concat', [tokenRows, embedded], { axis: 1 }, 'tokens');
  const positions = network.parameter('position_embedding', [1, patches + 1, width], {
    center: 0,
    spread: 0.5,
  });
  return network.add('positions', sequence, positions);
}

function attention(network: NetworkBuilder, name: string, x: string): string {
  const { onnx } = network;
  const all = dense(network, `${name}/qkv`, x, width, width * 3, 1);
  const split = onnx.nodeWithOutputs('Split', [all], ['query', 'key', 'value'], { axis: 2 }, `${name}/split`);
  const [query, key, value] = ['query', 'key', 'value'].map((part, index) =>
    perHead(network, `${name}/${part}`, split[index] ?? '', part === 'key' ? [0, 2, 3, 1] : [0, 2, 1, 3]),
  );
  const scaled = onnx.node('Mul', [query ?? '', 'attention/scale'], {}, `${name}/scaled`);
  const scores = onnx.node('MatMul', [scaled, key ?? ''], {}, `${name}/scores`);
  const weights = onnx.node('Softmax', [scores], { axis: -1 }, `${name}/softmax`);
  const mixed = onnx.node('MatMul', [weights, value ?? ''], {}, `${name}/mixed`);
  const joined = onnx.node('Transpose', [mixed], { perm: [0, 2, 1, 3] }, `${name}/joined`);
  const flat = onnx.node('Reshape', [joined, 'shape/tokens'], {}, `${name}/flat`);
  return dense(network, `${name}/out`, flat, width, width, 1);
}

/** [N, T, 768] → [N, T, 12, 64], permuted. */
function perHead(network: NetworkBuilder, name: string, x: string, perm: readonly number[]): string {
  const rows = network.onnx.node('Reshape', [x, 'shape/heads'], {}, `${name}/rows`);
  return network.onnx.node('Transpose', [rows], { perm }, name);
}

function perceptron(network: NetworkBuilder, name: string, x: string): string {
  const wide = dense(network, `${name}/fc1`, x, width, hidden, Math.SQRT2);
  return dense(network, `${name}/fc2`, gelu(network, `${name}/gelu`, wide), hidden, width, 1);
}

/** x/2 · (1 + erf(x/√2)), spelt out as exporters did before opset 20: Hendrycks and Gimpel 2016. */
function gelu({ onnx }: NetworkBuilder, name: string, x: string): string {
  const scaled = onnx.node('Div', [x, 'gelu/root2'], {}, `${name}/div`);
  const erf = onnx.node('Erf', [scaled], {}, `${name}/erf`);
  const sum = onnx.node('Add', [erf, 'gelu/one'], {}, `${name}/add`);
  const product = onnx.node('Mul', [x, sum], {}, `${name}/mul`);
  return onnx.node('Mul', [product, 'gelu/half'], {}, name);
}

/** [N, T, inputs] → [N, T, outputs]. */
function dense(
  network: NetworkBuilder,
  name: string,
  x: string,
  inputs: number,
  outputs: number,
  gain: number,
): string {
  const weight = network.parameter(`${name}.weight`, [inputs, outputs], fanInSpread(inputs, gain));
  const bias = network.parameter(`${name}.bias`, [outputs], { center: 0, spread: 0.1 });
  const product = network.onnx.node('MatMul', [x, weight], {}, `${name}/matmul`);
  return network.add(name, product, bias);
}

function layerNorm(network: NetworkBuilder, name: string, x: string): string {
  const inputs = [
    x,
    network.parameter(`${name}.weight`, [width], { center: 1, spread: 0.1 }),
    network.parameter(`${name}.bias`, [width], { center: 0, spread: 0.1 }),
  ];
  return network.onnx.node('LayerNormalization', inputs, { axis: -1, epsilon: float(1e-6) }, name);
}
