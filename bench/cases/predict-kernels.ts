import { RefusedError } from '@tandem/core';
import type { Bench, BenchContext, BenchResult, BenchRow } from '../bench.ts';
import { type Candidate, candidates } from '../kernels/candidates.ts';
import { collect } from '../kernels/collect.ts';
import { kernelErrors, segmentErrors } from '../kernels/cross-validate.ts';
import { closeShare, type LogError, passErrors, rmsInterval, rootMeanSquare } from '../kernels/errors.ts';
import { everything } from '../kernels/everything.ts';
import { benchTraits, type Timing, timingsOf } from '../kernels/timings.ts';

/** Times that differ more from pass to pass judge nothing. */
const mostNoise = 0.15;

export const predictKernels: Bench = {
  title:
    'Foretold times of kernels and of segments of networks never seen, against what this machine measures.',
  run: async (context: BenchContext): Promise<BenchResult> => {
    const timings = timingsOf(await collect(everything, context), benchTraits(everything.threads));
    const [kernels, segments] = [noiseOf(timings, 'kernel'), noiseOf(timings, 'segment')];
    requireQuiet(kernels, segments);
    return {
      rows: [
        ...rowsOf(
          'kernels',
          kernels,
          (candidate) => kernelErrors(timings, candidate, context.signal),
          context,
        ),
        ...rowsOf(
          'segments',
          segments,
          (candidate) => segmentErrors(timings, candidate, context.signal),
          context,
        ),
      ],
      remarks: remarksOf(timings),
    };
  },
};

interface Noise {
  readonly rms: number;
  /** What no predictor's share of close times can be expected to pass. */
  readonly close: number;
}

function noiseOf(timings: readonly Timing[], kind: Timing['kind']): Noise {
  const errors = timings.filter((timing) => timing.kind === kind).flatMap(({ passes }) => passErrors(passes));
  return { rms: rootMeanSquare(errors), close: closeShare(errors) };
}

function requireQuiet(kernels: Noise, segments: Noise): void {
  if (Math.max(kernels.rms, segments.rms) <= mostNoise) return;
  const text = (noise: Noise): string => `${(100 * noise.rms).toFixed(1)} %`;
  throw new RefusedError(
    `passes differ by ${text(kernels)} on kernels and ${text(segments)} on segments, expected at most ${100 * mostNoise} %: not fit to publish`,
    'Measure again with --fresh on a machine that does nothing else.',
  );
}

function rowsOf(
  what: string,
  noise: Noise,
  errorsOf: (candidate: Candidate) => LogError[],
  context: BenchContext,
): BenchRow[] {
  const truth = `${what}: one pass against the median of the others`;
  const rows: BenchRow[] = [
    { case: `${truth}, RMS`, value: 100 * noise.rms, unit: '% log error' },
    { case: `${truth}, within ±10 %`, value: 100 * noise.close, unit: '%' },
  ];
  for (const [name, candidate] of Object.entries(candidates)) {
    if (!`${what}: ${name}`.includes(context.only)) continue;
    context.progress(`${what}: ${name}`);
    const errors = errorsOf(candidate);
    const { value, low, high } = rmsInterval(errors);
    const between = `(${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)})`;
    rows.push(
      {
        case: `${what}: ${name}, RMS ${between}`,
        value: 100 * value,
        unit: '% log error',
        ratioTo: `${truth}, RMS`,
        ratio: value / noise.rms,
      },
      {
        case: `${what}: ${name}, within ±10 %`,
        value: 100 * closeShare(errors.map(({ error }) => error)),
        unit: '%',
        ratioTo: `${truth}, within ±10 %`,
        ratio: closeShare(errors.map(({ error }) => error)) / noise.close,
      },
    );
  }
  return rows;
}

function remarksOf(timings: readonly Timing[]): string[] {
  const count = (kind: Timing['kind']): number => timings.filter((timing) => timing.kind === kind).length;
  const families = new Set(timings.flatMap((timing) => (timing.kind === 'segment' ? timing.families : [])));
  return [
    `${count('kernel')} kernels with the activation function that ONNX Runtime fuses (convolutions of all kinds, products of matrices, pools, sums, concatenations, normalisations), taken from networks or drawn with sizes log-uniform; ${count('block')} short blocks of drawn sizes, which only train; ${count('segment')} segments between single-tensor cuts, whole networks among them. One thread, float32, batch 1.`,
    `The truth is the median of ${everything.passes} passes. A pass goes through everything in an order of its own, in fresh processes; a session is warmed up by two runs and timed for at least 30 ms and 5 runs, of which the lower quartile counts, because what else a machine does only adds time. glibc keeps freed memory (MALLOC_MMAP_THRESHOLD_, MALLOC_TRIM_THRESHOLD_), else large outputs meet fresh pages at the garbage collector's moments.`,
    'Kernels: ten folds by shape, each foretold from the other nine. Segments: a family of networks is held out whole, its segments and all kernels that occur in it; the learned predictor adds up foretold layers and corrects the sum by what it learned from blocks and from segments of other families.',
    `Families: ${[...families].join(', ')}.`,
    'In parentheses a 95 % bootstrap interval of the RMS, over kernels or over networks. The share within ±10 % stands beside what a single pass reaches against the median of the others.',
    'No name of a network, layer or kernel is among the features; operators are. "nn-Meter\'s recipe" (Zhang et al. 2021) is a random forest on seconds for each type of kernel, over its shape parameters, operations and parameters; segments are its sums. The regression is Neurosurgeon\'s (Kang et al. 2017), the roofline Williams et al. 2009; these and operations over peak are fitted to the same training timings.',
  ];
}
