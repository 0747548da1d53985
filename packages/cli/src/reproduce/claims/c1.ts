import { type Claim, defineClaim, exactly } from '../claim.ts';
import { papers } from '../papers.ts';

/** ViT-H/14: Dosovitskiy et al. 2021, table 1. */
const vitH14 = { patch: 14, width: 1280, blocks: 32 } as const;
const resolution = 1024;

/** Token tensors at a block's peak: output of the wide layer 4, of its GELU 4, the residual 1, the normalised input 1. */
const tokenTensorsOfBlock = 10;

/** The chart's unit: 2²⁰ bytes, in thousands. */
const chartGigabyte = 1000 * 2 ** 20;

/** Read off the chart, whose lines are about 0.02 wide. */
const reading = { kind: 'absolute', value: 0.03 } as const;

export const c1: Claim = defineClaim({
  claim:
    'Added up layer by layer, the peak memory of ViT-H/14 fills a node of 2 GB within 9 layers and 6 GB at layer 25.',
  paper: papers.coinfer,
  standIn:
    'Arithmetic in place of a GPU and its memory allocator: sizes of token tensors at 1024 × 1024 pixels, fp32, attention in one kernel.',
  figures: {
    'layers that fit into 2 GB': {
      unit: 'layers',
      paper: 9,
      tolerance: exactly,
      where: 'text and OOM chart',
    },
    'first layer above 6 GB': { unit: 'layer', paper: 25, tolerance: exactly, where: 'text and OOM chart' },
    'sum at layer 9': { unit: 'GB', paper: 1.86, tolerance: reading, where: 'OOM chart, bar 9' },
    'sum at layer 25': { unit: 'GB', paper: 6.03, tolerance: reading, where: 'OOM chart, bar 25' },
    'sum at the last layer': { unit: 'GB', paper: 8.39, tolerance: reading, where: 'OOM chart, bar 36' },
  },
  remarks: [
    'The chart adds up what is never held together: each layer’s peak is freed before the next. The weights, which are held throughout, are not in it.',
    'GB is 1000 × 2²⁰ bytes, and a block’s peak is ten token tensors: both were found by fitting the chart, which does not say them. That the bars come out confirms this account of the chart and predicts nothing.',
  ],
  run: async () => {
    const sums = sumsOfPeaks().map((size) => size / chartGigabyte);
    return {
      'layers that fit into 2 GB': sums.filter((sum) => sum <= 2).length,
      'first layer above 6 GB': 1 + sums.findIndex((sum) => sum > 6),
      'sum at layer 9': sums[8] ?? Number.NaN,
      'sum at layer 25': sums[24] ?? Number.NaN,
      'sum at the last layer': sums.at(-1) ?? Number.NaN,
    };
  },
});

/** Bytes after each of 36 bars: patches, class token, 32 blocks, the last normalisation, the head. */
function sumsOfPeaks(): readonly number[] {
  const tokens = Math.floor(resolution / vitH14.patch) ** 2 + 1;
  const token = vitH14.width * 4;
  const tokenTensor = tokens * token;
  const blocks = Array.from({ length: vitH14.blocks }, () => tokenTensorsOfBlock * tokenTensor);
  const peaks = [tokenTensor - token, token, ...blocks, tokenTensor, token];
  let sum = 0;
  return peaks.map((peak) => {
    sum += peak;
    return sum;
  });
}
