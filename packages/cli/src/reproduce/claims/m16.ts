import { createRandom, minimise, type Point, quantumSearch, type Space } from '@tandem/core';
import { type Claim, defineClaim, type Figure } from '../claim.ts';
import { papers } from '../papers.ts';

const where = 'section V-D';
const exponent: Figure = {
  unit: 'power of the dimensions',
  paper: 1,
  tolerance: { kind: 'absolute', value: 0.1 },
  where,
};
const unjudged = (unit: string): Figure => ({
  unit,
  paper: null,
  tolerance: { kind: 'absolute', value: 0 },
  where,
});

const dimensions = [4, 8, 16, 32, 64];
const seeds = 10;

export const m16: Claim = defineClaim({
  claim: 'The quantum-inspired optimiser takes time that grows linearly with the number of dimensions.',
  paper: papers.mu,
  standIn:
    'Algorithm 1 as printed (5 particles, 20 scales, divisor 1.3, first scale 1), with caps where its loops need not end, on the sphere in [0, 1] and on Rastrigin’s function in [−5.12, 5.12] of 4 to 64 dimensions, 10 seeds each. Work = evaluations × dimensions, counted: a draw and an evaluation take time in proportion to the dimensions. Figures are slopes of log work over log dimensions, by least squares.',
  figures: {
    'work, sphere': exponent,
    'work, Rastrigin': exponent,
    'work, sphere, without caps on rounds and transitions': { ...exponent, paper: null },
    'evaluations, sphere, 4 dimensions': unjudged('evaluations'),
    'evaluations, sphere, 64 dimensions': unjudged('evaluations'),
    'evaluations, Rastrigin, 4 dimensions': unjudged('evaluations'),
    'evaluations, Rastrigin, 64 dimensions': unjudged('evaluations'),
    'Rastrigin, 16 dimensions, still running after 10 000 evaluations without caps': unjudged('of 10 runs'),
  },
  remarks: [
    'The paper counts one pass of the innermost loop, which is linear here too, and takes the number of passes for constant. It is not: on the sphere more dimensions take more passes until the particles settle; on Rastrigin’s function it is the caps that end many scales.',
    'With caps no run exceeds 20 × (50 × 5 + 50) + 5 evaluations, so the work is bounded by a multiple of the dimensions, as the paper says. Without them, as printed, most runs on a function of many minima do not end.',
  ],
  run: async () => {
    const [ball, egg] = [evaluationsOf(sphere, capped), evaluationsOf(rastrigin, capped)];
    const endless = runs(rastrigin, 16, uncapped).filter((count) => count >= uncapped.maximumEvaluations);
    return {
      'work, sphere': slope(ball),
      'work, Rastrigin': slope(egg),
      'work, sphere, without caps on rounds and transitions': slope(evaluationsOf(sphere, uncapped)),
      'evaluations, sphere, 4 dimensions': ball[0] ?? 0,
      'evaluations, sphere, 64 dimensions': ball.at(-1) ?? 0,
      'evaluations, Rastrigin, 4 dimensions': egg[0] ?? 0,
      'evaluations, Rastrigin, 64 dimensions': egg.at(-1) ?? 0,
      'Rastrigin, 16 dimensions, still running after 10 000 evaluations without caps': endless.length,
    };
  },
});

interface TestFunction {
  readonly low: number;
  readonly high: number;
  readonly value: (point: Point) => number;
}

const sphere: TestFunction = {
  low: 0,
  high: 1,
  value: (point) => point.reduce((sum, x) => sum + (x - 0.3) ** 2, 0),
};

const rastrigin: TestFunction = {
  low: -5.12,
  high: 5.12,
  value: (point) => point.reduce((sum, x) => sum + x * x - 10 * Math.cos(2 * Math.PI * x) + 10, 0),
};

interface Limits {
  readonly maximumEvaluations: number;
  readonly maximumRounds?: number;
  readonly maximumTransitions?: number;
}

const capped: Limits = { maximumEvaluations: 1e9 };
const uncapped: Limits = { maximumEvaluations: 10_000, maximumRounds: 1e9, maximumTransitions: 1e9 };

/** The mean number of evaluations, for each number of dimensions. */
const evaluationsOf = (objective: TestFunction, limits: Limits): readonly number[] =>
  dimensions.map((count) => runs(objective, count, limits).reduce((sum, each) => sum + each, 0) / seeds);

/** The number of evaluations of each seed's run. */
function runs({ low, high, value }: TestFunction, count: number, limits: Limits): readonly number[] {
  const space: Space = Array.from({ length: count }, () => ({ kind: 'range', low, high }) as const);
  const options = { ...limits, accept: 'global', initialScale: 1 } as const;
  return Array.from(
    { length: seeds },
    (_, seed) => minimise(quantumSearch(space, options, createRandom(seed)), value).evaluations,
  );
}

/** The power of the dimensions with which evaluations × dimensions grows. */
function slope(evaluations: readonly number[]): number {
  const x = dimensions.map(Math.log);
  const y = evaluations.map((count, index) => Math.log(count * (dimensions[index] ?? 1)));
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(x), mean(y)];
  const covariance = mean(x.map((value, index) => (value - meanX) * ((y[index] ?? 0) - meanY)));
  return covariance / mean(x.map((value) => (value - meanX) ** 2));
}
