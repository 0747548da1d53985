import type { ModelProto } from '../onnx/model.ts';
import { addLayers, averagePoolOfZeros, fork, type Layer, maxPool, same, valid } from './inception-layers.ts';
import { NetworkBuilder, type NetworkSettings } from './network-builder.ts';

/**
 * Inception-v3 as in torchvision: Szegedy et al. 2016, "Rethinking the Inception architecture for computer vision", table 1. Without the
 * auxiliary classifier, which only training runs (3,326,696 parameters), and without the change of range that torchvision puts before
 * its ported weights: a picture is in [-1, 1].
 */
export function inceptionV3(settings: NetworkSettings): ModelProto {
  const network = new NetworkBuilder('inception-v3', settings);
  const features = addLayers(network, { tensor: network.image(), channels: 3 }, layers);
  const pooled = network.pooledFeatures(features.tensor);
  return network.build(network.linear('fc', pooled, features.channels, settings.classes));
}

/** Figure 5 of the paper, the 5 × 5 kept: 35 × 35 pixels at the published resolution. */
function moduleA(projection: number): Layer {
  return fork(
    [same(64, 1)],
    [same(48, 1), same(64, 5)],
    [same(64, 1), same(96, 3), same(96, 3)],
    [averagePoolOfZeros, same(projection, 1)],
  );
}

/** Figure 6: 7 × 7 as 1 × 7 and 7 × 1, on 17 × 17 pixels. */
function moduleB(width: number): Layer {
  return fork(
    [same(192, 1)],
    [same(width, 1), same(width, 1, 7), same(192, 7, 1)],
    [same(width, 1), same(width, 7, 1), same(width, 1, 7), same(width, 7, 1), same(192, 1, 7)],
    [averagePoolOfZeros, same(192, 1)],
  );
}

const spread = fork([same(384, 1, 3)], [same(384, 3, 1)]);

/** Figure 7: wider on 8 × 8 pixels. */
const moduleC = fork(
  [same(320, 1)],
  [same(384, 1), spread],
  [same(448, 1), same(384, 3), spread],
  [averagePoolOfZeros, same(192, 1)],
);

/** By the names that torchvision and TensorFlow-Slim use. */
const layers: Readonly<Record<string, Layer>> = {
  conv1a: valid(32, 2),
  conv2a: valid(32),
  conv2b: same(64, 3),
  maxpool1: maxPool,
  conv3b: same(80, 1),
  conv4a: valid(192),
  maxpool2: maxPool,
  mixed5b: moduleA(32),
  mixed5c: moduleA(64),
  mixed5d: moduleA(64),
  mixed6a: fork([valid(384, 2)], [same(64, 1), same(96, 3), valid(96, 2)], [maxPool]),
  mixed6b: moduleB(128),
  mixed6c: moduleB(160),
  mixed6d: moduleB(160),
  mixed6e: moduleB(192),
  mixed7a: fork(
    [same(192, 1), valid(320, 2)],
    [same(192, 1), same(192, 1, 7), same(192, 7, 1), valid(192, 2)],
    [maxPool],
  ),
  mixed7b: moduleC,
  mixed7c: moduleC,
};
