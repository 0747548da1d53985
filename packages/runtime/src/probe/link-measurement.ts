import type { BitsPerSecond, Bytes, Seconds } from '@tandem/core';

/** What one direction of a connection carries. */
export interface LinkMeasurement {
  /** The least of small messages and their answers, one right after the other. */
  readonly roundTripSeconds: Seconds;
  /** What a small transfer takes beyond the time of its bytes at `bitsPerSecond` and a round trip. */
  readonly perMessageSeconds: Seconds;
  /** How many bytes' time it takes less than that: what a bucket of tokens lets through at once. */
  readonly burstBytes: Bytes;
  /** Of message bodies: what a large transfer has more than a small one, by the time that it takes longer. */
  readonly bitsPerSecond: BitsPerSecond;
  /** The large transfer, and the least time until its answer. */
  readonly transferBytes: Bytes;
  readonly transferSeconds: Seconds;
}

/** What bounds a measurement, whoever asks for it. */
export const probeLimits = {
  /** A transfer that lasts so long beyond a round trip is long enough. */
  enoughSeconds: 0.25,
  /** Where a transfer stops growing. */
  transferBytes: 67_108_864,
  /** No transfer is repeated after so long. */
  repeatSeconds: 20,
  /** For everything that one link is measured with. */
  linkSeconds: 60,
  /** All that one visitor may send. */
  visitBytes: 1_073_741_824,
  /** From a visitor's welcome to its end: a slow board multiplies matrices for minutes. */
  visitSeconds: 600,
} as const;
