/**
 * How a model wants its picture and what its answer means, as plain data. An input value is
 * (pixel × scale − mean[channel]) / deviation[channel], the pixel counting 0..255 and the channels in the card's colour order.
 */
export interface ModelCard {
  /** The input that takes the picture. @default the model's only input */
  readonly input?: string;
  readonly layout: 'NCHW' | 'NHWC';
  /** Pixels. @default what the model's input says */
  readonly width?: number;
  readonly height?: number;
  readonly colour: 'RGB' | 'BGR' | 'GREY';
  readonly resize: Resize;
  /** What is kept of a picture that is larger than the input once resized. */
  readonly crop: 'centre';
  readonly scale: number;
  /** One value a channel, or one for all. */
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  /** By class index. */
  readonly labels?: readonly string[];
  readonly outputs: 'logits' | 'softmax';
  /** How many classes an answer names. */
  readonly topClasses: number;
}

export type Resize =
  /** The picture's shorter side becomes so many pixels; its proportions stay. */
  | { readonly shortSide: number; readonly kernel: Kernel }
  /** The input's sides are this share of what the picture is resized to cover; its proportions stay. */
  | { readonly cropRatio: number; readonly kernel: Kernel }
  /** The picture becomes exactly as large as the input, its proportions lost. */
  | { readonly exact: true; readonly kernel: Kernel };

/** Resampling kernels that blur before they shrink, as Pillow's do. */
export const kernels = ['nearest', 'linear', 'cubic', 'mitchell', 'lanczos2', 'lanczos3'] as const;
export type Kernel = (typeof kernels)[number];

const imagenetMean = [0.485, 0.456, 0.406] as const;
const imagenetDeviation = [0.229, 0.224, 0.225] as const;

const picture = {
  layout: 'NCHW',
  colour: 'RGB',
  resize: { cropRatio: 0.875, kernel: 'linear' },
  crop: 'centre',
  scale: 1 / 255,
  mean: [0],
  deviation: [1],
  outputs: 'logits',
  topClasses: 5,
} as const satisfies ModelCard;

const exact = { exact: true, kernel: 'linear' } as const;

export type ModelCardName =
  | 'imagenet-torchvision'
  | 'imagenet-tensorflow'
  | 'imagenet-caffe'
  | 'cifar-torch'
  | 'symmetric-1'
  | 'unit-1'
  | 'raw-255'
  | 'grey-255';

/** Pre-processing by the name of the convention, never by a model's or file's name. */
export const modelCards: Readonly<Record<ModelCardName, ModelCard>> = {
  /** 0..1, normalised by ImageNet's statistics (torchvision). */
  'imagenet-torchvision': { ...picture, mean: imagenetMean, deviation: imagenetDeviation },
  /** −1..1 (TensorFlow's slim and Keras's MobileNets), softmax inside. */
  'imagenet-tensorflow': { ...picture, scale: 1 / 127.5, mean: [1], outputs: 'softmax' },
  /** Blue first, 0..255 less the mean colour (Caffe). */
  'imagenet-caffe': {
    ...picture,
    colour: 'BGR',
    resize: exact,
    scale: 1,
    mean: [103.939, 116.779, 123.68],
    outputs: 'softmax',
  },
  /** CIFAR networks trained with ImageNet's statistics, whole picture. */
  'cifar-torch': {
    ...picture,
    resize: exact,
    mean: imagenetMean,
    deviation: imagenetDeviation,
    topClasses: 3,
  },
  /** −1..1, whole picture. */
  'symmetric-1': { ...picture, resize: exact, scale: 1 / 127.5, mean: [1], topClasses: 3 },
  /** 0..1, whole picture. */
  'unit-1': { ...picture, resize: exact, topClasses: 3 },
  /** 0..255 as they are, whole picture. */
  'raw-255': { ...picture, resize: exact, scale: 1, topClasses: 3 },
  /** One grey channel, 0..255 as they are, whole picture. */
  'grey-255': { ...picture, colour: 'GREY', resize: exact, scale: 1, topClasses: 3 },
};
