/** A stage that executes requests together: what they take to compute when the batch is full, and what one takes alone. */
export interface BatchSeconds {
  readonly requests: number;
  readonly aloneSeconds: number;
  readonly computeSeconds: number;
}

/** What `requests` of them take, fewer than the batch holds: on a line between one alone and a full batch. */
export function togetherSeconds(
  { requests: full, aloneSeconds, computeSeconds }: BatchSeconds,
  requests: number,
): number {
  return aloneSeconds + ((computeSeconds - aloneSeconds) * (requests - 1)) / (full - 1);
}
