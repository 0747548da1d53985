import type { NetworkBuilder } from './network-builder.ts';

/** One step of an inception network. */
export type Layer = Convolution | Pool | Fork;

interface Convolution {
  readonly kind: 'conv';
  readonly out: number;
  readonly kernel: readonly [height: number, width: number];
  readonly stride: 1 | 2;
  /** Padded so that stride 1 keeps the size; otherwise the border is lost. */
  readonly padded: boolean;
}

interface Pool {
  readonly kind: 'maxPool' | 'averagePool' | 'averagePoolOfZeros';
}

/** Branches that read the same tensor; their outputs are concatenated in order. */
interface Fork {
  readonly kind: 'fork';
  readonly branches: readonly (readonly Layer[])[];
}

/** A tensor [N, channels, H, W] by name. */
interface Features {
  readonly tensor: string;
  readonly channels: number;
}

/** A convolution, batch normalisation and ReLU that keep height and width. */
export function same(out: number, height: number, width: number = height): Layer {
  return { kind: 'conv', out, kernel: [height, width], stride: 1, padded: true };
}

/** The same with a 3 × 3 convolution that loses the border. */
export function valid(out: number, stride: 1 | 2 = 1): Layer {
  return { kind: 'conv', out, kernel: [3, 3], stride, padded: false };
}

/** Halves height and width, losing the border. */
export const maxPool: Layer = { kind: 'maxPool' };

/** 3 × 3 means of the pixels that exist: keeps height and width. */
export const averagePool: Layer = { kind: 'averagePool' };

/** 3 × 3 means with the padding counted as zeros: keeps height and width. */
export const averagePoolOfZeros: Layer = { kind: 'averagePoolOfZeros' };

export function fork(...branches: readonly (readonly Layer[])[]): Layer {
  return { kind: 'fork', branches };
}

/** Adds one layer after the other; the name of each is its key. Takes and returns [N, channels, H, W]. */
export function addLayers(
  network: NetworkBuilder,
  from: Features,
  layers: Readonly<Record<string, Layer>>,
): Features {
  return Object.entries(layers).reduce((x, [name, layer]) => addLayer(network, name, x, layer), from);
}

function addLayer(network: NetworkBuilder, name: string, x: Features, layer: Layer): Features {
  switch (layer.kind) {
    case 'conv':
      return addConvolution(network, name, x, layer);
    case 'fork':
      return addFork(network, name, x, layer);
    default:
      return { ...x, tensor: addPool(network, name, x.tensor, layer) };
  }
}

function addConvolution(network: NetworkBuilder, name: string, x: Features, layer: Convolution): Features {
  const { out, kernel, stride, padded } = layer;
  const [above, before] = padded ? kernel.map((side) => (side - 1) / 2) : [];
  const pad = [above ?? 0, before ?? 0, above ?? 0, before ?? 0] as const;
  const convolved = network.convolution(name, x.tensor, { in: x.channels, out, kernel, stride, pad });
  const normalized = network.batchNormalization(`${name}/bn`, convolved, out, { epsilon: 1e-3 });
  return { tensor: network.relu(`${name}/relu`, normalized), channels: out };
}

function addPool(network: NetworkBuilder, name: string, x: string, { kind }: Pool): string {
  if (kind === 'maxPool') return network.maxPool(name, x, { kernel: 3, stride: 2 });
  const countPadding = kind === 'averagePoolOfZeros';
  return network.averagePool(name, x, { kernel: 3, stride: 1, pad: 1, countPadding });
}

function addFork(network: NetworkBuilder, name: string, x: Features, { branches }: Fork): Features {
  const ends = branches.map((layers, index) => addBranch(network, `${name}/branch${index + 1}`, x, layers));
  const tensors = ends.map(({ tensor }) => tensor);
  const channels = ends.reduce((sum, end) => sum + end.channels, 0);
  return { tensor: network.onnx.node('Concat', tensors, { axis: 1 }, name), channels };
}

function addBranch(network: NetworkBuilder, name: string, x: Features, layers: readonly Layer[]): Features {
  const named = layers.map((layer, index) => [`${name}/${layerNoun(layer)}${index + 1}`, layer] as const);
  return addLayers(network, x, Object.fromEntries(named));
}

function layerNoun({ kind }: Layer): string {
  return kind === 'conv' || kind === 'fork' ? kind : 'pool';
}
