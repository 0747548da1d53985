import { readFile, rename, writeFile } from 'node:fs/promises';
import {
  type Calibration,
  InvalidInputError,
  type KnownCentres,
  type Plan,
  type Problem,
  type Report,
  readCentres,
  saveCentres,
} from '@tandem/core';
import { type DecidedCut, decisionsOf, type Gateway, type PlannedDecisions } from '@tandem/runtime';
import { readCalibrationFile } from '../calibrate/calibration-of.ts';

/** What was decided by at one stage, as results show it. */
export interface DecisionRow {
  readonly stage: number;
  readonly by: 'centres' | 'confidence';
  readonly labels: number;
  /** What a person should know at the end, one sentence; null = nothing. */
  readonly note: string | null;
}

/** What a run decides request by request, and where it keeps what it learns of it. */
export interface RunDecisions extends PlannedDecisions {
  /** Whether the user asked to keep what is learned. */
  readonly isKept: boolean;
  /** What each decision knows; saved where the user asked for it. */
  readonly learned: (gateway: Gateway, signal: AbortSignal) => Promise<readonly DecisionRow[]>;
}

export interface RunDecisionsOptions {
  readonly problem: Problem;
  readonly plan: Plan;
  readonly report: Report;
  /** Paths; absent = nothing is decided, nothing is kept. */
  readonly calibration: string | undefined;
  readonly centres: string | undefined;
}

/**
 * The decisions of a plan as a calibration file says, going on from what was learned about labels before. Throws InvalidInputError for
 * files that cannot be read.
 */
export async function runDecisions(options: RunDecisionsOptions): Promise<RunDecisions> {
  const { problem, plan, report, calibration: path, centres } = options;
  if (path === undefined)
    return { decisions: [], matrices: new Uint8Array(0), notes: [], isKept: false, learned: async () => [] };
  const calibration = await readCalibrationFile(path);
  const store = await LearnedCentres.open(centres, calibration);
  const planned = decisionsOf({ problem, plan, report, calibration, learned: (cut) => store.of(cut) });
  return {
    ...planned,
    notes: [...planned.notes, ...store.notes],
    isKept: centres !== undefined,
    learned: async (gateway, signal) => {
      const rows: DecisionRow[] = [];
      for (const { stage, by, tensors, channels } of planned.decisions) {
        const learned = await gateway.centres(plan.version, stage, signal);
        const labels = learned?.known.centres.length ?? 0;
        rows.push({ stage, by: by.kind, labels, note: learned?.note ?? null });
        if (learned !== null) await store.save({ stage, tensors, channels, by: by.kind }, learned.known);
      }
      return rows;
    },
  };
}

/** What was learned at each cut and by each classifier since it was calibrated: a line of a file each. */
class LearnedCentres {
  readonly notes: string[] = [];
  readonly #path: string | undefined;
  readonly #calibration: Calibration;
  #lines: readonly string[];

  private constructor(path: string | undefined, calibration: Calibration, lines: readonly string[]) {
    this.#path = path;
    this.#calibration = calibration;
    this.#lines = lines;
  }

  static async open(path: string | undefined, calibration: Calibration): Promise<LearnedCentres> {
    const text = path === undefined ? '' : await textOf(path);
    return new LearnedCentres(
      path,
      calibration,
      text.split('\n').filter((line) => line.trim() !== ''),
    );
  }

  /** Null where nothing was learned at this very cut: then its centres are those of the calibration. */
  of(cut: DecidedCut): KnownCentres | null {
    const read = this.#lines.map((line) => readCentres(line, this.#nameOf(cut), cut.channels));
    const own = read.find(({ kind }) => kind === 'centres');
    if (own?.kind === 'centres') return own.known;
    if (read.length > 0)
      this.notes.push(
        `Stage ${cut.stage} goes by the calibration: ${this.#path ?? ''} knows nothing of what crosses behind it.`,
      );
    return null;
  }

  async save(cut: DecidedCut, known: KnownCentres): Promise<void> {
    if (this.#path === undefined) return;
    const name = this.#nameOf(cut);
    const others = this.#lines.filter((line) => readCentres(line, name, cut.channels).kind === 'other');
    this.#lines = [...others, saveCentres(name, cut.channels, known).trimEnd()];
    // A reader, or a run that is stopped now, finds the old file or the new one.
    await writeFile(`${this.#path}.new`, `${this.#lines.join('\n')}\n`);
    await rename(`${this.#path}.new`, this.#path);
  }

  #nameOf({ tensors, by }: DecidedCut): string {
    const { model, data } = this.#calibration;
    return [model.digest, data.digest, ...(by === 'centres' ? [] : ['classifier']), ...tensors].join(' ');
  }
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return '';
    throw new InvalidInputError(
      `the file of centres ${path} cannot be read`,
      'Give a file, or a name in a folder you may write to.',
      { cause },
    );
  }
}
