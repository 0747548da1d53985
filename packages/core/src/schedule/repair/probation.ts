import { type Seconds, seconds } from '../../units.ts';

/** How often a device was lost of late, and until when it is not relied on; `stepProbation` changes it in place. */
export interface Probation {
  relapses: number;
  isHere: boolean;
  /** When it was lost or came back last. */
  since: number;
}

export type ProbationEvent = { readonly kind: 'lost' | 'back' };

/** A device that came back is relied on after so long; twice as long after each relapse. */
const stableSeconds = 30;
const mostStableSeconds = 3600;
const firstDialSeconds = 0.25;
const mostDialSeconds = 8;

export const initialProbation = (): Probation => ({ relapses: 0, isHere: true, since: 0 });

export function stepProbation(state: Probation, { kind }: ProbationEvent, now: Seconds): void {
  if ((kind === 'back') === state.isHere) return;
  // Who stayed for as long again as it was on probation has a clean sheet.
  if (kind === 'lost')
    state.relapses = now - state.since > 2 * probationSeconds(state) ? 1 : state.relapses + 1;
  state.isHere = kind === 'back';
  state.since = now;
}

/** Whether plans may rely on the device: it is here, and has been for as long as its past asks for. */
export function isReliable(state: Probation, now: Seconds): boolean {
  return state.isHere && (state.relapses === 0 || now - state.since >= probationSeconds(state));
}

/** How long it has to stay before plans rely on it. */
export function probationSeconds({ relapses }: Probation): Seconds {
  if (relapses === 0) return seconds(0);
  return seconds(Math.min(mostStableSeconds, stableSeconds * 2 ** (relapses - 1)));
}

/** Until a device that was lost is dialled for the `attempt`th time, from 0. */
export function redialSeconds(attempt: number): Seconds {
  return seconds(Math.min(mostDialSeconds, firstDialSeconds * 2 ** attempt));
}
