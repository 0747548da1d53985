import type { Stage } from '../plan/plan.ts';
import type { Problem } from '../plan/problem.ts';
import { leastCertain } from '../profile/node-seconds.ts';
import { seconds } from '../units.ts';
import { batchFactor } from './batch-factor.ts';
import type { PlacedStage } from './placed-stage.ts';

/** Beyond this many batches of one stage they are forgotten. */
const mostBatches = 64;

/** Stages as batches run them, each made once for a stage that runs alone. */
export class BatchedStages {
  readonly #problem: Problem;
  readonly #known = new WeakMap<PlacedStage, Map<string, PlacedStage>>();

  constructor(problem: Problem) {
    this.#problem = problem;
  }

  /** `stage` is the plan's, `alone` as it was placed. */
  of(alone: PlacedStage, stage: Stage): PlacedStage {
    let batches = this.#known.get(alone);
    if (batches === undefined) this.#known.set(alone, (batches = new Map()));
    const key = `${stage.batch} ${stage.batchWaitSeconds}`;
    const known = batches.get(key);
    if (known !== undefined) return known;
    if (batches.size >= mostBatches) batches.clear();
    const made = batchedStage(this.#problem, alone, stage);
    batches.set(key, made);
    return made;
  }
}

/**
 * The stage as its plan's batches run it: it occupies its device for what a full batch takes, which is what it takes alone, as it was
 * measured or foretold, times `batchFactor`. Parameters that do not stay loaded are loaded once for the batch.
 */
function batchedStage(
  problem: Problem,
  placed: PlacedStage,
  { nodes, batch, batchWaitSeconds }: Stage,
): PlacedStage {
  if (batch === undefined) return placed;
  const { factor, source } = batchFactor(problem, placed.device, nodes, batch);
  const computeSeconds = seconds(placed.computeSeconds * factor);
  return {
    ...placed,
    computeSeconds,
    occupiedSeconds: seconds(computeSeconds + placed.loadSeconds),
    source: leastCertain(placed.source, source),
    together: {
      requests: batch,
      waitSeconds: batchWaitSeconds ?? seconds(0),
      aloneSeconds: placed.computeSeconds,
    },
    memoryAlone: null,
    readsOnlyFrom: null,
  };
}

/** Of what the stage occupies its device for, what is for one request. */
export const shareOfRequest = ({ together }: PlacedStage): number =>
  together === null ? 1 : 1 / together.requests;
