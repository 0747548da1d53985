import { type AffineBits, affineBits } from '../codec/codec.ts';
import type { PrecisionRule } from './policies.ts';

/** How long what a request sends takes, and what it may take. */
export interface Pace {
  /** Of the slower of the two devices, for one request. */
  readonly slowerSeconds: number;
  /** With these bits, at the bandwidth that is expected; infinity where nothing comes through. */
  transferSeconds(bits: AffineBits): number;
}

export interface BitsChoice {
  /** @default 'fill' */
  readonly rule?: PrecisionRule;
  /** Never more than these. @default 8 */
  readonly mostBits?: AffineBits;
}

/**
 * How many bits a request crosses with (COACH, equation 11): at least `least`. The published rule takes the bits whose transfer comes
 * closest to max{Te, T't, Tc} from below, and is met by every number of bits that takes at least that long. 'fill' takes the most that
 * do not take longer than the slower device, so that no transfer ever sets the pace for the sake of precision; 'paper-min' the fewest
 * that take at least as long as it. Where the bandwidth is not known (`pace` null), the bits of the plan, or `least` where that is more.
 */
export function chooseBits(
  least: AffineBits,
  offlineBits: AffineBits,
  pace: Pace | null,
  { rule = 'fill', mostBits = 8 }: BitsChoice = {},
): AffineBits {
  if (pace === null) return least > offlineBits ? least : offlineBits;
  let chosen = least;
  for (const bits of affineBits) {
    if (bits < least || bits > mostBits) continue;
    const seconds = pace.transferSeconds(bits);
    if (rule === 'fill' && seconds <= pace.slowerSeconds) chosen = bits;
    if (rule === 'fill') continue;
    chosen = bits;
    if (seconds >= pace.slowerSeconds) break;
  }
  return chosen;
}
