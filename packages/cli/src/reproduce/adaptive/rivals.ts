import {
  type AffineBits,
  ConfidenceHead,
  type Decider,
  type Label,
  type OnlineDecision,
  OnlineDecisions,
} from '@tandem/core';
import type { AdaptivePolicy } from './adaptive-policy.ts';
import { mostLoss } from './adaptive-policy.ts';

/** Ways to decide about the requests of a stream, in the order in which they are shown. */
export const rivalNames = ['no adaptation', 'centres', 'softmax head', 'repeat 2 of 3'] as const;
export type RivalName = (typeof rivalNames)[number];

/** Null where calibration gave none. */
export function deciderFor(name: RivalName, policy: AdaptivePolicy): Decider | null {
  const { calibrated, head } = policy;
  const { offlineBits } = calibrated.online;
  switch (name) {
    case 'no adaptation':
      return new Repeated(offlineBits, 1);
    case 'repeat 2 of 3':
      return new Repeated(offlineBits, 3);
    case 'softmax head':
      return head === null ? null : new ConfidenceHead(head, { mostBits: offlineBits });
    case 'centres': {
      const centres = calibrated.centres.map((row) => ({ ...row, centre: Float32Array.from(row.centre) }));
      const channels = centres[0]?.centre.length ?? 0;
      return new OnlineDecisions(channels, calibrated.online, { centres }, { mostLoss });
    }
  }
}

/** Sends one request of so many, and answers the others as the server answered last. */
class Repeated implements Decider {
  readonly exitsOff = null;
  readonly recalibrate = null;
  readonly #bits: AffineBits;
  readonly #every: number;
  #last: Label | null = null;

  constructor(bits: AffineBits, every: number) {
    this.#bits = bits;
    this.#every = every;
  }

  decide(request: number): OnlineDecision {
    const mayRepeat = request % this.#every !== 0 && this.#last !== null;
    const kind = mayRepeat ? 'leave' : 'send';
    return { kind, label: this.#last, bits: this.#bits, isAudit: false, separability: 0 };
  }

  answered(_request: number, label: Label): boolean {
    this.#last = label;
    return false;
  }

  forget(): void {
    // Nothing is remembered of a request.
  }
}
