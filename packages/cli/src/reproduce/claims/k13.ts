import { graphOf, zooModel } from '@tandem/core';
import { type Claim, defineClaim, roundedTo } from '../claim.ts';
import { papers } from '../papers.ts';

const section = 'list of models in the evaluation';

export const k13: Claim = defineClaim({
  claim: 'VGG16 has 121 million parameters and ResNet101 has 45 million.',
  paper: papers.coach,
  standIn: 'The published topologies, counted. The paper classifies 100 classes; both counts are given.',
  figures: {
    'VGG16, 1000 classes': { unit: 'million', paper: 121, tolerance: roundedTo(0), where: section },
    'ResNet101, 1000 classes': { unit: 'million', paper: 45, tolerance: roundedTo(0), where: section },
    'VGG16, 100 classes': { unit: 'million', paper: null, tolerance: roundedTo(0), where: section },
    'ResNet101, 100 classes': { unit: 'million', paper: null, tolerance: roundedTo(0), where: section },
  },
  remarks: [
    'With no number of classes does VGG16 come to 121 million: its first two dense layers have 119.5 million, its convolutions 14.7.',
  ],
  run: async () => ({
    'VGG16, 1000 classes': millionParameters('vgg16', 1000),
    'ResNet101, 1000 classes': millionParameters('resnet-101', 1000),
    'VGG16, 100 classes': millionParameters('vgg16', 100),
    'ResNet101, 100 classes': millionParameters('resnet-101', 100),
  }),
});

function millionParameters(network: 'vgg16' | 'resnet-101', classes: number): number {
  const { parameters } = graphOf(zooModel(network, { classes, batch: 1 }));
  return parameters.reduce((sum, { learned, elements }) => sum + (learned ? elements : 0), 0) / 1e6;
}
