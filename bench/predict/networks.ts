import { graphOf, type SegmentWork, segmentWork, workOfLayers, zooModel } from '@tandem/core';
import * as larger from './larger-networks.ts';
import type { LayerStack } from './layer-stack.ts';
import * as mobile from './mobile-networks.ts';

/** A network of the table: what it does, and what was published about it to check that against. */
export interface BenchmarkNetwork {
  readonly work: () => SegmentWork;
  readonly megaParameters: number;
  readonly gigaMacs: number;
  readonly source: string;
}

const counted = (stack: () => LayerStack) => (): SegmentWork => workOfLayers(stack().layers);

function zoo(name: string, resolution = 224): () => SegmentWork {
  return () => {
    const graph = graphOf(zooModel(name, { resolution, batch: 1 }));
    return segmentWork(
      graph,
      graph.nodes.map(({ id }) => id),
    );
  };
}

/**
 * The networks of the table that have an exact published layer list, by the table's names; of the others (detectors assembled by their
 * authors, such as nanodet_m) nobody published enough to count. Whole networks, batch 1, at the benchmark's resolutions.
 */
export const networks: Readonly<Record<string, BenchmarkNetwork>> = {
  alexnet: {
    work: counted(larger.alexnet),
    megaParameters: 60.97,
    gigaMacs: 0.724,
    source: 'Caffe bvlc_alexnet',
  },
  efficientnet_b0: {
    work: counted(mobile.efficientnetB0),
    megaParameters: 5.29,
    gigaMacs: 0.39,
    source: 'Tan & Le 2019, table 2',
  },
  efficientnetv2_b0: {
    work: counted(mobile.efficientnetV2B0),
    megaParameters: 7.2,
    gigaMacs: 0.72,
    source: 'Keras applications; google/automl',
  },
  googlenet: {
    work: counted(larger.googlenet),
    megaParameters: 7.0,
    gigaMacs: 1.58,
    source: 'Caffe bvlc_googlenet',
  },
  mnasnet: {
    work: counted(mobile.mnasnet),
    megaParameters: 4.38,
    gigaMacs: 0.314,
    source: 'torchvision MNASNet1_0_Weights',
  },
  mobilenet: {
    work: counted(mobile.mobilenet),
    megaParameters: 4.2,
    gigaMacs: 0.569,
    source: 'Howard et al. 2017, table 4',
  },
  mobilenet_ssd: {
    work: counted(larger.mobilenetSsd),
    megaParameters: 5.8,
    gigaMacs: 1.15,
    source: 'chuanqi305/MobileNet-SSD',
  },
  mobilenet_v2: {
    work: counted(mobile.mobilenetV2),
    megaParameters: 3.5,
    gigaMacs: 0.3,
    source: 'Sandler et al. 2018, table 4',
  },
  mobilenet_v3: {
    work: counted(mobile.mobilenetV3),
    megaParameters: 5.48,
    gigaMacs: 0.217,
    source: 'torchvision MobileNet_V3_Large_Weights',
  },
  proxylessnasnet: {
    work: counted(mobile.proxylessnas),
    megaParameters: 4.08,
    gigaMacs: 0.32,
    source: 'Cai et al. 2019, mobile',
  },
  regnety_400m: {
    work: counted(larger.regnetY400),
    megaParameters: 4.34,
    gigaMacs: 0.402,
    source: 'torchvision RegNet_Y_400MF_Weights',
  },
  resnet18: {
    work: counted(larger.resnet18),
    megaParameters: 11.69,
    gigaMacs: 1.814,
    source: 'torchvision ResNet18_Weights',
  },
  resnet50: {
    work: zoo('resnet-50'),
    megaParameters: 25.56,
    gigaMacs: 4.089,
    source: 'torchvision ResNet50_Weights',
  },
  shufflenet: {
    work: counted(mobile.shufflenet),
    megaParameters: 1.87,
    gigaMacs: 0.14,
    source: 'Zhang et al. 2018, table 1',
  },
  shufflenet_v2: {
    work: counted(mobile.shufflenetV2),
    megaParameters: 2.28,
    gigaMacs: 0.146,
    source: 'Ma et al. 2018, table 8',
  },
  squeezenet: {
    work: counted(larger.squeezenet),
    megaParameters: 1.235,
    gigaMacs: 0.352,
    source: 'forresti/SqueezeNet 1.1',
  },
  vgg16: { work: zoo('vgg16'), megaParameters: 138.36, gigaMacs: 15.47, source: 'torchvision VGG16_Weights' },
  vision_transformer: {
    work: zoo('vit-b-16', 384),
    megaParameters: 86.86,
    gigaMacs: 55.48,
    source: 'torchvision ViT_B_16_Weights.IMAGENET1K_SWAG_E2E_V1',
  },
  'yolov4-tiny': {
    work: counted(larger.yolov4Tiny),
    megaParameters: 6.06,
    gigaMacs: 3.45,
    source: 'AlexeyAB/darknet: 6.9 BFLOPs',
  },
};
