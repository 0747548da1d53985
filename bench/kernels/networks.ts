import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  encodeModel,
  externaliseWeights,
  type Graph,
  graphOf,
  type ModelProto,
  readModel,
  zooModel,
} from '@tandem/core';
import { openFileSource, writeEncoded } from '@tandem/node';
import { dataFolder } from '../../tests/data.ts';

/** A network whose weights lie in a file of the measuring folder. */
export interface Network {
  readonly name: string;
  /** What is held out together: networks that share their blocks. */
  readonly family: string;
  readonly model: ModelProto;
  readonly graph: Graph;
}

/** Family by the beginning of a name; the first that fits. Smaller inputs than published keep a pass short. */
const zoo: readonly (readonly [name: string, family: string, resolution?: number])[] = [
  ['alexnet', 'alexnet'],
  ['vgg16', 'vgg'],
  ['googlenet', 'inception'],
  ['inception-v3', 'inception'],
  ['inception-v4', 'inception', 203],
  ['resnet-18', 'resnet'],
  ['resnet-50', 'resnet'],
  ['resnet-101', 'resnet', 160],
  ['cifar-resnet-8', 'resnet'],
  ['mobilenet-v2', 'mobilenet'],
  ['regnetx-400mf', 'regnet'],
  ['vit-b-16', 'vit'],
];

/** Trained models by file; those in half precision run other kernels and are left out. */
const files: readonly (readonly [file: string, family: string])[] = [
  ['cifar10_resnet20', 'resnet'],
  ['cifar10_resnet56', 'resnet'],
  ['cifar10_resnet8_mlperftiny', 'resnet'],
  ['cifar10_resnet8wide_mlperftiny', 'resnet'],
  ['cifar10_smallcnn_winml', 'small'],
  ['mnist_cntk', 'small'],
  ['mobilenet_v1_0.25_128', 'mobilenet'],
  ['mobilenet_v2_1.0_224', 'mobilenet'],
  ['ultraface_rfb_320', 'ultraface'],
  ['vww_mobilenet_v1_0.25_96', 'mobilenet'],
];

/** The zoo's networks and the trained models beside the checkout, where they are; only the named ones if any are named. */
export async function readNetworks(only: readonly string[] = []): Promise<Network[]> {
  const wanted = (name: string): boolean => only.length === 0 || only.includes(name);
  const made = zoo
    .filter(([name]) => wanted(name))
    .map(([name, family, resolution]) =>
      network(
        name,
        family,
        zooModel(name, { batch: 1, ...(resolution === undefined ? {} : { resolution }) }),
      ),
    );
  if (dataFolder === null) return made;
  const folder = join(dataFolder, 'models');
  const there = new Set(await readdir(folder));
  const read = files
    .filter(([name]) => wanted(name) && there.has(`${name}.onnx`))
    .map(([name, family]) => network(name, family, readModel(openFileSource(join(folder, `${name}.onnx`)))));
  return [...made, ...read];
}

const network = (name: string, family: string, model: ModelProto): Network => ({
  name,
  family,
  model,
  graph: graphOf(model),
});

/** Writes the weights of `network` beside the models to come and returns it without them. */
export async function withoutWeights(
  network: Network,
  folder: string,
  signal: AbortSignal,
): Promise<Network> {
  const location = `${network.name}.weights`;
  const { model, weights } = externaliseWeights(network.model, { location });
  await writeEncoded(join(folder, location), weights, { signal });
  return { ...network, model };
}

/** Bytes of a model that refers to weights elsewhere. */
export const writeLight = (path: string, model: ModelProto): Promise<unknown> =>
  writeEncoded(path, encodeModel(model));
