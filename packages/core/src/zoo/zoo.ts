import { InvalidInputError } from '../errors.ts';
import type { ModelProto } from '../onnx/model.ts';
import { alexnet } from './alexnet.ts';
import { cifarResnet8 } from './cifar-resnet.ts';
import { googlenet } from './googlenet.ts';
import { inceptionV3 } from './inception-v3.ts';
import { inceptionV4 } from './inception-v4.ts';
import { mobilenetV2 } from './mobilenet-v2.ts';
import type { NetworkSettings } from './network-builder.ts';
import { published, type ZooName } from './published.ts';
import { regnetX400mf } from './regnet.ts';
import { resnet18, resnet50, resnet101 } from './resnet.ts';
import { vgg16 } from './vgg.ts';
import { vitB16, vitH14, vitL16 } from './vit.ts';

interface Network {
  readonly build: (settings: NetworkSettings) => ModelProto;
  /** Smallest resolution that leaves something of the image in the last feature map. */
  readonly smallest: number;
  /** Resolutions are multiples of this. */
  readonly step: number;
}

const networks: Readonly<Record<ZooName, Network>> = {
  alexnet: { build: alexnet, smallest: 63, step: 1 },
  vgg16: { build: vgg16, smallest: 32, step: 1 },
  googlenet: { build: googlenet, smallest: 32, step: 1 },
  'inception-v3': { build: inceptionV3, smallest: 75, step: 1 },
  'inception-v4': { build: inceptionV4, smallest: 75, step: 1 },
  'resnet-18': { build: resnet18, smallest: 32, step: 1 },
  'resnet-50': { build: resnet50, smallest: 32, step: 1 },
  'resnet-101': { build: resnet101, smallest: 32, step: 1 },
  'cifar-resnet-8': { build: cifarResnet8, smallest: 8, step: 4 },
  'mobilenet-v2': { build: mobilenetV2, smallest: 32, step: 1 },
  'regnetx-400mf': { build: regnetX400mf, smallest: 32, step: 1 },
  'vit-b-16': { build: vitB16, smallest: 16, step: 1 },
  'vit-l-16': { build: vitL16, smallest: 16, step: 1 },
  'vit-h-14': { build: vitH14, smallest: 14, step: 1 },
};

export const zooNames: readonly ZooName[] = Object.keys(networks).filter(isZooName);

export interface ZooOptions {
  /** Height and width of the input in pixels. @default the published one: 224, 299 for Inception-v3 and -v4, 32 for CIFAR */
  readonly resolution?: number;
  /** Length of the logits. @default 1000, or 10 for CIFAR */
  readonly classes?: number;
  /** Seed of the weights, 0 … 2³² − 1. @default 1 */
  readonly seed?: number;
  /** First dimension of the input 'input' and of the logits. @default 'N' */
  readonly batch?: number | 'N';
}

const largestResolution = 8192;
const largestCount = 2 ** 20;

/**
 * A published network with seeded weights: exact topology and parameter count, untrained. Input 'input', float32
 * [batch, 3, resolution, resolution], one output of logits [batch, classes]. Weights are generated while they are read; the value
 * itself is small. Throws InvalidInputError for an unknown name and for a resolution that the network cannot take.
 */
export function zooModel(name: string, options: ZooOptions = {}): ModelProto {
  if (!isZooName(name)) {
    throw new InvalidInputError(
      `the zoo has no '${name}', expected one of ${zooNames.join(', ')}`,
      'Choose one of these names.',
    );
  }
  const settings = {
    resolution: options.resolution ?? published[name].resolution,
    classes: options.classes ?? published[name].classes,
    seed: options.seed ?? 1,
    batch: options.batch ?? 'N',
  } as const;
  requireSettings(name, settings);
  return networks[name].build(settings);
}

export function isZooName(name: string): name is ZooName {
  return Object.hasOwn(networks, name);
}

function requireSettings(name: ZooName, settings: NetworkSettings): void {
  const { smallest, step } = networks[name];
  requireWhole(name, 'resolution', settings.resolution, smallest, largestResolution, step);
  requireWhole(name, 'classes', settings.classes, 1, largestCount, 1);
  requireWhole(name, 'seed', settings.seed, 0, 2 ** 32 - 1, 1);
  if (settings.batch !== 'N') requireWhole(name, 'batch', settings.batch, 1, largestCount, 1);
}

function requireWhole(
  name: ZooName,
  option: string,
  value: number,
  low: number,
  high: number,
  step: number,
): void {
  if (Number.isInteger(value) && value >= low && value <= high && value % step === 0) return;
  const kind = step === 1 ? 'a whole number' : `a multiple of ${step}`;
  throw new InvalidInputError(
    `the ${option} of ${name} is ${value}, expected ${kind} from ${low} to ${high}`,
    `Choose another ${option}, or leave it out for the published one.`,
  );
}
