export type ZooName =
  | 'alexnet'
  | 'vgg16'
  | 'googlenet'
  | 'resnet-50'
  | 'resnet-101'
  | 'cifar-resnet-8'
  | 'mobilenet-v2'
  | 'vit-b-16';

/** What was published about a network, to check ours against. */
export interface PublishedNetwork {
  /** Input height and width in pixels. */
  readonly resolution: number;
  readonly classes: number;
  /** Learned parameters; running statistics of batch normalisation are not learned. */
  readonly parameters: number;
  /** Multiply-accumulates of one image, in units of 10⁹, as rounded by the source. */
  readonly gigaMacs: number;
  /** The pre-processing convention, by the name of its model card. */
  readonly card: 'imagenet-torchvision' | 'cifar-torch';
  /** Where both figures come from. */
  readonly source: string;
}

/**
 * torchvision's "GFLOPS" are multiply-accumulates of convolutions, fully connected layers and matrix products, the two of attention
 * (query × key, weights × value) included; biases, normalisation, activations and pooling are not counted.
 */
const torchvision = { resolution: 224, classes: 1000, card: 'imagenet-torchvision' } as const;

export const published: Readonly<Record<ZooName, PublishedNetwork>> = {
  alexnet: {
    ...torchvision,
    parameters: 61_100_840,
    gigaMacs: 0.714,
    source: 'torchvision AlexNet_Weights.IMAGENET1K_V1',
  },
  vgg16: {
    ...torchvision,
    parameters: 138_357_544,
    gigaMacs: 15.47,
    source: 'torchvision VGG16_Weights.IMAGENET1K_V1',
  },
  googlenet: {
    ...torchvision,
    parameters: 6_624_904,
    gigaMacs: 1.498,
    source: 'torchvision GoogLeNet_Weights.IMAGENET1K_V1',
  },
  'resnet-50': {
    ...torchvision,
    parameters: 25_557_032,
    gigaMacs: 4.089,
    source: 'torchvision ResNet50_Weights.IMAGENET1K_V1',
  },
  'resnet-101': {
    ...torchvision,
    parameters: 44_549_160,
    gigaMacs: 7.801,
    source: 'torchvision ResNet101_Weights.IMAGENET1K_V1',
  },
  'cifar-resnet-8': {
    resolution: 32,
    classes: 10,
    parameters: 78_186,
    gigaMacs: 0.0125,
    card: 'cifar-torch',
    source:
      'MLPerf Tiny image classification: Keras counts 78,666 parameters, 480 of them the running mean and variance of 240 channels',
  },
  'mobilenet-v2': {
    ...torchvision,
    parameters: 3_504_872,
    gigaMacs: 0.301,
    source: 'torchvision MobileNet_V2_Weights.IMAGENET1K_V1',
  },
  'vit-b-16': {
    ...torchvision,
    parameters: 86_567_656,
    gigaMacs: 17.564,
    source: 'torchvision ViT_B_16_Weights.IMAGENET1K_V1',
  },
};
