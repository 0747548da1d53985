import type { ModelCardName } from '@tandem/node';

/** Samples of one folder of the test data, in their order. */
export interface DataPart {
  /** Below datasets/. */
  readonly path: string;
  readonly half: 'first' | 'second' | 'both';
}

/** A trained model, with what it is calibrated on and what it is judged by. */
export interface Subject {
  readonly name: string;
  /** Below models/. */
  readonly file: string;
  readonly card: ModelCardName;
  /** Candidates for the cut: of the FLOPs, what lies before them, about. */
  readonly fractions: readonly number[];
  readonly calibration: readonly DataPart[];
  readonly judged: readonly DataPart[];
  readonly check: readonly DataPart[];
  /** What 'medium' and 'high' put next to each other. */
  readonly order: 'by-class' | 'by-time';
}

const photos = 'cifar10-jpeg-test2000';
const all = (path: string): DataPart => ({ path, half: 'both' });

const onCifar = (name: string, file: string, fractions: readonly number[]): Subject => ({
  name,
  file,
  card: 'cifar-torch',
  fractions,
  calibration: [{ path: photos, half: 'first' }],
  judged: [{ path: photos, half: 'second' }],
  check: [all('cifar10-lossless-test242')],
  order: 'by-class',
});

const onClips = (clip: string, other: string): Subject => ({
  name: `MobileNetV2, calibrated on ${clip}`,
  file: 'mobilenet_v2_1.0_224.onnx',
  card: 'imagenet-tensorflow',
  fractions: [0.7, 0.93],
  calibration: [{ path: `video/${clip}`, half: 'first' }, all('imagenet-sample')],
  judged: [{ path: `video/${clip}`, half: 'second' }, all(`video/${other}`)],
  check: [],
  order: 'by-time',
});

/** In the order in which they are shown. */
export const subjects: readonly Subject[] = [
  onCifar('ResNet-56', 'cifar10_resnet56.onnx', [0.74, 0.85, 0.96]),
  onCifar('ResNet-20', 'cifar10_resnet20.onnx', [0.57, 0.77, 0.88]),
  onClips('car-detection', 'bottle-detection'),
  onClips('bottle-detection', 'car-detection'),
];
