import type { ModelProto } from '../onnx/model.ts';
import { addLayers, averagePool, fork, type Layer, maxPool, same, valid } from './inception-layers.ts';
import { NetworkBuilder, type NetworkSettings } from './network-builder.ts';

/**
 * Inception-v4: Szegedy et al. 2017, "Inception-v4, Inception-ResNet and the impact of residual connections on learning", figures 3 to
 * 9. Means leave the padding out, as TensorFlow's do.
 */
export function inceptionV4(settings: NetworkSettings): ModelProto {
  const network = new NetworkBuilder('inception-v4', settings);
  const features = addLayers(network, { tensor: network.image(), channels: 3 }, layers);
  const pooled = network.pooledFeatures(features.tensor);
  return network.build(network.linear('fc', pooled, features.channels, settings.classes));
}

/** Figure 4: 35 × 35 × 384 at the published resolution. */
const moduleA = fork(
  [same(96, 1)],
  [same(64, 1), same(96, 3)],
  [same(64, 1), same(96, 3), same(96, 3)],
  [averagePool, same(96, 1)],
);

/** Figure 5: 17 × 17 × 1024. */
const moduleB = fork(
  [same(384, 1)],
  [same(192, 1), same(224, 1, 7), same(256, 7, 1)],
  [same(192, 1), same(192, 7, 1), same(224, 1, 7), same(224, 7, 1), same(256, 1, 7)],
  [averagePool, same(128, 1)],
);

const spread = fork([same(256, 1, 3)], [same(256, 3, 1)]);

/** Figure 6: 8 × 8 × 1536. */
const moduleC = fork(
  [same(256, 1)],
  [same(384, 1), spread],
  [same(384, 1), same(448, 3, 1), same(512, 1, 3), spread],
  [averagePool, same(256, 1)],
);

const layers: Readonly<Record<string, Layer>> = {
  'stem/conv1': valid(32, 2),
  'stem/conv2': valid(32),
  'stem/conv3': same(64, 3),
  'stem/fork1': fork([maxPool], [valid(96, 2)]),
  'stem/fork2': fork([same(64, 1), valid(96)], [same(64, 1), same(64, 1, 7), same(64, 7, 1), valid(96)]),
  'stem/fork3': fork([valid(192, 2)], [maxPool]),
  inceptionA1: moduleA,
  inceptionA2: moduleA,
  inceptionA3: moduleA,
  inceptionA4: moduleA,
  reductionA: fork([valid(384, 2)], [same(192, 1), same(224, 3), valid(256, 2)], [maxPool]),
  inceptionB1: moduleB,
  inceptionB2: moduleB,
  inceptionB3: moduleB,
  inceptionB4: moduleB,
  inceptionB5: moduleB,
  inceptionB6: moduleB,
  inceptionB7: moduleB,
  reductionB: fork(
    [same(192, 1), valid(192, 2)],
    [same(256, 1), same(256, 1, 7), same(320, 7, 1), valid(320, 2)],
    [maxPool],
  ),
  inceptionC1: moduleC,
  inceptionC2: moduleC,
  inceptionC3: moduleC,
};
