import type { Random } from '../random.ts';
import { fallingExponential } from './falling-exponential.ts';

/** A draw from the standard normal distribution (Box and Muller 1958), from two uniform ones. */
export function standardNormal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
  return radius * Math.cos(2 * Math.PI * random.next());
}

/**
 * Φ(z), the probability that a standard normal draw is at most z. Through the complementary error function as a Chebyshev fit
 * (Press et al., "Numerical recipes", erfcc): relative error below 1.2e-7 in both tails.
 */
export function normalBelow(z: number): number {
  return z < 0 ? 0.5 * complementaryError(-z / Math.SQRT2) : 1 - 0.5 * complementaryError(z / Math.SQRT2);
}

/** Φ(high) − Φ(low) without the loss of digits of two numbers near 1. */
export function normalBetween(low: number, high: number): number {
  return low > 0 ? normalBelow(-low) - normalBelow(-high) : normalBelow(high) - normalBelow(low);
}

/** erfc(x) for x ≥ 0. */
function complementaryError(x: number): number {
  const t = 1 / (1 + x / 2);
  const high = -0.82215223 + t * 0.17087277;
  const middle = -0.18628806 + t * (0.27886807 + t * (-1.13520398 + t * (1.48851587 + t * high)));
  const low = -1.26551223 + t * (1.00002368 + t * (0.37409196 + t * (0.09678418 + t * middle)));
  return t * fallingExponential(x * x - low);
}
