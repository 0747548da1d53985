import { hashText } from '@tandem/core';
import type { Candidate } from './candidates.ts';
import type { LogError } from './errors.ts';
import type { Timing } from './timings.ts';

const folds = 10;

/** Kernels that differ in their activation function only are one shape, and stay together. */
const foldOf = ({ name }: Timing): number => hashText(name.replace(/ (Relu|Clip)$/, '')) % folds;

/** Every kernel foretold from those of the other nine folds, split by shape. */
export function kernelErrors(
  timings: readonly Timing[],
  candidate: Candidate,
  signal?: AbortSignal,
): LogError[] {
  const kernels = timings.filter(({ kind }) => kind === 'kernel');
  return Array.from({ length: folds }, (_, fold) => fold).flatMap((fold) => {
    signal?.throwIfAborted();
    const heldOut = kernels.filter((kernel) => foldOf(kernel) === fold);
    if (heldOut.length === 0) return [];
    return errorsOf(heldOut, candidate(kernels.filter((kernel) => foldOf(kernel) !== fold)));
  });
}

/**
 * Every segment foretold from timings in which no network of its family takes part, neither as segments nor as the kernels that occur
 * in it.
 */
export function segmentErrors(
  timings: readonly Timing[],
  candidate: Candidate,
  signal?: AbortSignal,
): LogError[] {
  const segments = timings.filter(({ kind }) => kind === 'segment');
  const families = new Set(segments.flatMap((segment) => segment.families));
  return [...families].flatMap((family) => {
    signal?.throwIfAborted();
    const heldOut = segments.filter((segment) => segment.families.includes(family));
    return errorsOf(heldOut, candidate(timings.filter((timing) => !timing.families.includes(family))));
  });
}

const errorsOf = (heldOut: readonly Timing[], foretell: (timing: Timing) => number): LogError[] =>
  heldOut.map((timing) => ({ group: timing.group, error: Math.log(foretell(timing) / timing.seconds) }));
