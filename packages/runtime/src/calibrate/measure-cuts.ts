import { type CrossingTensor, type Cut, type CutBits, type Label, nextMeasurement } from '@tandem/core';
import { AnswerTable } from './answer-table.ts';
import type { CalibrationJob, CalibrationRow } from './calibration-job.ts';
import { type CutVisit, type SampleWork, walkCuts } from './walk-cuts.ts';

export interface MeasureOptions {
  readonly job: CalibrationJob;
  /** The share of answers that codes may cost. */
  readonly most: number;
  /** By sample. @default the whole model's own answers */
  readonly truths?: readonly Label[] | undefined;
  /** Measured before, by a call with the same options. */
  readonly known?: readonly CalibrationRow[];
  /** Called with each row that is new; one at a time. */
  readonly keep: (row: CalibrationRow) => Promise<void>;
  readonly onProgress?: (progress: CalibrationProgress) => void;
}

/** How far a round of measurements has come; how many rounds follow depends on what they show. */
export interface CalibrationProgress {
  readonly round: number;
  /** Cuts × runs of samples. */
  readonly done: number;
  readonly total: number;
}

export interface MeasuredCuts {
  readonly table: AnswerTable;
  /** By cut. */
  readonly bits: readonly CutBits[];
  readonly pilot: number;
}

/** So many samples say where to search. */
const pilotSamples = 64;
const pilotRun = 32;
const longestRun = 128;

/**
 * Finds the fewest bits for each cut, in rounds: what is to be measured next at all cuts follows from all that was measured before
 * (`nextMeasurement`), so that one walk of the samples along the network serves all cuts, and the outcome does not depend on which
 * executor was faster. Throws what the executors throw, and the signal's reason.
 */
export async function measureCuts(options: MeasureOptions): Promise<MeasuredCuts> {
  const { job, known = [] } = options;
  const table = new AnswerTable(job);
  for (const row of known) table.add(row);
  const pilot = Math.min(pilotSamples, job.data.samples);
  const runs = sampleRuns(job, pilot);
  for (let round = 0; ; round++) {
    const { wanted, found } = wantedOf(options, table, pilot);
    const work = runs.flatMap((run) => workOf(job, table, wanted, run, pilot));
    if (work.length === 0 && wanted.size === 0) return { table, bits: found, pilot };
    await measureRound(options, table, work, round);
  }
}

interface Wanted {
  readonly bits: CutBits;
  readonly samples: 'pilot' | 'all';
}

/** Before anything is known of the whole model's answers the first bits are wanted everywhere. */
function wantedOf(
  { job, most, truths }: MeasureOptions,
  table: AnswerTable,
  pilot: number,
): { readonly wanted: ReadonlyMap<number, Wanted>; readonly found: readonly CutBits[] } {
  const wanted = new Map<number, Wanted>();
  const found = job.cuts.map((cut, at): CutBits => {
    const own = table.cuts[at];
    const tensors = crossingTensors(job, cut);
    const raw = tensors.map(() => null);
    if (own === undefined || job.data.samples === 0) return raw;
    const judged = { labels: table.labels, truths };
    const answersOf = (bits: CutBits) => own.answersOf(bits);
    const next = nextMeasurement({ tensors, most, judged, pilot, answersOf });
    if (next.kind === 'measure') wanted.set(at, next);
    // What crosses raw all the same is measured once, for its features.
    else if (!own.hasFeatures(0, job.data.samples)) wanted.set(at, { bits: next.bits, samples: 'all' });
    return next.bits;
  });
  return { wanted, found };
}

function crossingTensors({ graph }: CalibrationJob, { boundary }: Cut): readonly CrossingTensor[] {
  return boundary.map((id) => {
    const { type, shape } = graph.tensors[id] ?? { type: 'float32', shape: [] };
    return { elements: shape.reduce((product, side) => product * side, 1), mayBeCoded: type === 'float32' };
  });
}

function workOf(
  { cuts }: CalibrationJob,
  table: AnswerTable,
  wanted: ReadonlyMap<number, Wanted>,
  { from, to }: Pick<SampleWork, 'from' | 'to'>,
  pilot: number,
): SampleWork[] {
  const visits = cuts.flatMap((_cut, at): CutVisit[] => {
    const want = wanted.get(at);
    const own = table.cuts[at];
    if (want === undefined || own === undefined || (want.samples === 'pilot' && from >= pilot)) return [];
    const withFeatures = !own.hasFeatures(from, to);
    if (own.has(want.bits, from, to) && !withFeatures) return [];
    return [{ cut: at, withFeatures, bits: [want.bits] }];
  });
  const whole = !table.hasWhole(from, to) && (visits.length > 0 || cuts.length === 0);
  return visits.length === 0 && !whole ? [] : [{ from, to, whole, visits }];
}

/** Short runs for the pilot, so that all executors share it; then as long as activations fit. */
function sampleRuns(job: CalibrationJob, pilot: number): Pick<SampleWork, 'from' | 'to'>[] {
  const widest = Math.max(1, ...job.cuts.map(({ bytes }) => bytes));
  // What crosses one cut is there while what crosses the next is made.
  const fitting = Math.floor(job.memoryBytes / (2 * widest));
  const length = (most: number): number => Math.max(1, Math.min(most, fitting));
  const runs: Pick<SampleWork, 'from' | 'to'>[] = [];
  for (let from = 0; from < job.data.samples; ) {
    const isPilot = from < pilot;
    const to = Math.min(from + length(isPilot ? pilotRun : longestRun), isPilot ? pilot : job.data.samples);
    runs.push({ from, to });
    from = to;
  }
  return runs;
}

async function measureRound(
  { job, keep, onProgress }: MeasureOptions,
  table: AnswerTable,
  work: readonly SampleWork[],
  round: number,
): Promise<void> {
  const left = [...work];
  const total = work.reduce((sum, { visits }) => sum + visits.length, 0);
  let done = 0;
  let writing = Promise.resolve();
  // The first failure stops the others: they look before each run of samples, and nothing runs on when this ends.
  let hasFailed = false;
  const endings = await Promise.allSettled(
    job.executors.map(async (executor) => {
      try {
        for (let own = left.shift(); own !== undefined && !hasFailed; own = left.shift()) {
          for await (const row of walkCuts(job, executor, own)) {
            table.add(row);
            writing = writing.then(() => keep(row));
            await writing;
            if (row.kind === 'cut') onProgress?.({ round, done: ++done, total });
          }
        }
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }),
  );
  for (const ending of endings) if (ending.status === 'rejected') throw ending.reason;
}
