import { float } from '../onnx/build.ts';
import type { ModelProto } from '../onnx/model.ts';
import { fanInSpread, NetworkBuilder, type NetworkSettings } from './network-builder.ts';

/** Columns of table 1, and the side of a patch in pixels. */
interface TransformerSize {
  readonly patch: number;
  readonly layers: number;
  /** Of a token. */
  readonly width: number;
  /** Of the perceptron's middle. */
  readonly hidden: number;
  readonly heads: number;
}

export function vitB16(settings: NetworkSettings): ModelProto {
  return vit('vit-b-16', { patch: 16, layers: 12, width: 768, hidden: 3072, heads: 12 }, settings);
}

export function vitL16(settings: NetworkSettings): ModelProto {
  return vit('vit-l-16', { patch: 16, layers: 24, width: 1024, hidden: 4096, heads: 16 }, settings);
}

export function vitH14(settings: NetworkSettings): ModelProto {
  return vit('vit-h-14', { patch: 14, layers: 32, width: 1280, hidden: 5120, heads: 16 }, settings);
}

/**
 * Vision transformer as in torchvision: Dosovitskiy et al. 2021, "An image is worth 16 × 16 words", table 1. Tokens are [N, T, width]
 * with T = ⌊resolution / patch⌋² + 1, the class token first: pixels beyond the last whole patch are not seen (torchvision refuses such
 * images), and the learned positions grow with T.
 */
function vit(name: string, size: TransformerSize, settings: NetworkSettings): ModelProto {
  const network = new NetworkBuilder(name, settings);
  const image = network.image();
  addConstants(network, size);
  let x = tokens(network, image, size, Math.floor(settings.resolution / size.patch) ** 2);
  for (let layer = 0; layer < size.layers; layer++) {
    x = encoderLayer(network, `encoder/layer${layer}`, x, size);
  }
  const normalized = layerNorm(network, 'encoder/ln', x, size);
  const classToken = network.onnx.node('Gather', [normalized, 'index/first'], { axis: 1 }, 'encoder/class');
  return network.build(network.linear('head', classToken, size.width, settings.classes, 1));
}

function encoderLayer(network: NetworkBuilder, name: string, x: string, size: TransformerSize): string {
  const first = layerNorm(network, `${name}/ln1`, x, size);
  const attended = network.add(`${name}/add1`, x, attention(network, `${name}/attention`, first, size));
  const second = layerNorm(network, `${name}/ln2`, attended, size);
  return network.add(`${name}/add2`, attended, perceptron(network, `${name}/mlp`, second, size));
}

/** Scalars and shapes that many nodes read. */
function addConstants({ onnx }: NetworkBuilder, { width, heads }: TransformerSize): void {
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
function tokens(
  network: NetworkBuilder,
  image: string,
  { width, patch }: TransformerSize,
  patches: number,
): string {
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

function attention(network: NetworkBuilder, name: string, x: string, { width }: TransformerSize): string {
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

/** [N, T, width] → [N, T, heads, width / heads], permuted. */
function perHead(network: NetworkBuilder, name: string, x: string, perm: readonly number[]): string {
  const rows = network.onnx.node('Reshape', [x, 'shape/heads'], {}, `${name}/rows`);
  return network.onnx.node('Transpose', [rows], { perm }, name);
}

function perceptron(
  network: NetworkBuilder,
  name: string,
  x: string,
  { width, hidden }: TransformerSize,
): string {
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

function layerNorm(network: NetworkBuilder, name: string, x: string, { width }: TransformerSize): string {
  const inputs = [
    x,
    network.parameter(`${name}.weight`, [width], { center: 1, spread: 0.1 }),
    network.parameter(`${name}.bias`, [width], { center: 0, spread: 0.1 }),
  ];
  return network.onnx.node('LayerNormalization', inputs, { axis: -1, epsilon: float(1e-6) }, name);
}
