export type ZooName =
  | 'alexnet'
  | 'vgg16'
  | 'googlenet'
  | 'inception-v3'
  | 'inception-v4'
  | 'resnet-18'
  | 'resnet-50'
  | 'resnet-101'
  | 'cifar-resnet-8'
  | 'mobilenet-v2'
  | 'regnetx-400mf'
  | 'vit-b-16'
  | 'vit-l-16'
  | 'vit-h-14';

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
  readonly card: 'imagenet-torchvision' | 'cifar-torch' | 'symmetric-1';
  /** Where both figures come from. */
  readonly source: string;
}

/**
 * torchvision's "GFLOPS" are multiply-accumulates of convolutions, fully connected layers and matrix products, the two of attention
 * (query × key, weights × value) included; biases, normalisation, activations and pooling are not counted.
 */
const torchvision = { resolution: 224, classes: 1000, card: 'imagenet-torchvision' } as const;

const inception = { resolution: 299, classes: 1000, card: 'symmetric-1' } as const;

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
  'inception-v3': {
    ...inception,
    parameters: 23_834_568,
    gigaMacs: 5.713,
    source:
      'torchvision Inception_V3_Weights.IMAGENET1K_V1: 27,161,264 parameters, 3,326,696 of them in the auxiliary classifier, which its operations leave out too',
  },
  'inception-v4': {
    ...inception,
    parameters: 42_679_816,
    gigaMacs: 12.3,
    source:
      'parameters: Keras hub inception_v4_imagenet and pytorchcv InceptionV4; operations: timm inception_v4.tf_in1k',
  },
  'resnet-18': {
    ...torchvision,
    parameters: 11_689_512,
    gigaMacs: 1.814,
    source: 'torchvision ResNet18_Weights.IMAGENET1K_V1',
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
  'regnetx-400mf': {
    ...torchvision,
    parameters: 5_495_976,
    gigaMacs: 0.414,
    source: 'torchvision RegNet_X_400MF_Weights.IMAGENET1K_V1',
  },
  'vit-b-16': {
    ...torchvision,
    parameters: 86_567_656,
    gigaMacs: 17.564,
    source: 'torchvision ViT_B_16_Weights.IMAGENET1K_V1',
  },
  'vit-l-16': {
    ...torchvision,
    parameters: 304_326_632,
    gigaMacs: 61.555,
    source: 'torchvision ViT_L_16_Weights.IMAGENET1K_V1',
  },
  'vit-h-14': {
    ...torchvision,
    parameters: 632_045_800,
    gigaMacs: 167.295,
    source: 'torchvision ViT_H_14_Weights.IMAGENET1K_SWAG_LINEAR_V1',
  },
};
