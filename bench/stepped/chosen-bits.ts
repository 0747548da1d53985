import { type AffineBits, type CalibratedCut, evaluate, type Plan, type Problem } from '@tandem/core';
import { decisionsOf, type PlannedDecisions } from '@tandem/runtime';

/** What agents decide by the plan's policies; null where it has none. */
export function decisionsFor(problem: Problem, plan: Plan): PlannedDecisions | null {
  const { precision } = plan.policies ?? {};
  const least = precision?.bits[0]?.bits;
  if (precision === undefined || least === undefined) return null;
  const tensors = precision.transfers.map(({ tensor }) => problem.graph.tensors[tensor]?.name ?? '');
  const calibration = {
    model: { name: 'not trained', digest: '', inputs: '' },
    data: { name: 'none', digest: '', samples: 0, judgedBy: 'agreement' },
    mostLoss: 0,
    cuts: [undecidedCut(tensors, least)],
    heads: { heads: [], settings: [], notes: [] },
  } as const;
  return decisionsOf({ problem, plan, report: evaluate(problem, plan), calibration });
}

/** A cut without centres: no request leaves, and all need as many bits. */
function undecidedCut(tensors: readonly string[], offlineBits: AffineBits): CalibratedCut {
  return {
    tensors,
    bits: tensors.map(() => offlineBits),
    losses: [],
    online: {
      exitAbove: null,
      fewerBits: [],
      offlineBits,
      mostDistance: null,
      labels: 0,
      similarity: { mean: 0, deviation: 0 },
      samples: 0,
      exitLoss: { share: 0, low: 0, high: 0 },
      notes: ['Exits are off: the network is not trained.'],
    },
    exitShare: 0,
    sent: [],
    centres: [],
    notes: [],
  };
}
