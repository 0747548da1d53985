import type { BitsPerSecond, Bytes, Seconds } from '@tandem/core';

/** What one direction of a connection carries. */
export interface LinkMeasurement {
  /** Median of small messages and their answers. */
  readonly roundTripSeconds: Seconds;
  /** What each of many small messages in a row adds, beyond the time that its bytes take at `bitsPerSecond`. */
  readonly perMessageSeconds: Seconds;
  /** Bytes of message bodies, from the first one's start until the last one's answer, less one round trip. */
  readonly bitsPerSecond: BitsPerSecond;
  /** The last transfer, which the rate comes from. */
  readonly transferBytes: Bytes;
  readonly transferSeconds: Seconds;
}

/** What bounds a measurement, whoever asks for it. */
export const probeLimits = {
  /** A transfer that lasts so long is long enough. */
  enoughSeconds: 1,
  /** Where a transfer stops growing. */
  transferBytes: 268_435_456,
  /** For everything that one link is measured with. */
  linkSeconds: 60,
  /** All that one visitor may send. */
  visitBytes: 1_073_741_824,
  /** From a visitor's welcome to its end: a slow board multiplies matrices for minutes. */
  visitSeconds: 600,
} as const;
