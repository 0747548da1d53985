import { readFile, rename, writeFile } from 'node:fs/promises';
import {
  type Calibration,
  InvalidInputError,
  type KnownCentres,
  type Problem,
  readCentres,
  saveCentres,
} from '@tandem/core';
import { type DecidedCut, decisionsOf, type Gateway, type PlannedDecisions } from '@tandem/runtime';
import { readCalibrationFile } from '../calibrate/calibration-of.ts';
import type { PricedPlan } from '../plan/choose-plan.ts';

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
  /** What is decided under another plan that is deployed as `version`, by what was learned at its cuts so far. */
  readonly under: (priced: PricedPlan, version: number) => PlannedDecisions;
  /** What each decision of the versions that are deployed knows now, for plans to come. */
  readonly collect: (
    gateway: Pick<Gateway, 'centres'>,
    signal: AbortSignal,
  ) => Promise<readonly DecisionRow[]>;
  /** The same, and saves it where the user asked for it; one call at a time. */
  readonly learned: RunDecisions['collect'];
}

export interface RunDecisionsOptions extends PricedPlan {
  readonly problem: Problem;
  /** Paths; absent = nothing is decided, nothing is kept. */
  readonly calibration: string | undefined;
  readonly centres: string | undefined;
}

const nothing: PlannedDecisions = { decisions: [], matrices: new Uint8Array(0), notes: [] };

/**
 * The decisions of a plan as a calibration file says, going on from what was learned about labels before. Throws InvalidInputError for
 * files that cannot be read.
 */
export async function runDecisions(options: RunDecisionsOptions): Promise<RunDecisions> {
  const { problem, plan, report, calibration: path, centres } = options;
  if (path === undefined)
    return {
      ...nothing,
      isKept: false,
      under: () => nothing,
      collect: async () => [],
      learned: async () => [],
    };
  const calibration = await readCalibrationFile(path);
  const store = await LearnedCentres.open(centres, calibration);
  const cuts = new Map<number, readonly DecidedCut[]>();
  const under = (priced: PricedPlan, version: number): PlannedDecisions => {
    const planned = decisionsOf({ problem, ...priced, calibration, learned: (cut) => store.of(cut) });
    cuts.set(version, planned.decisions.map(cutOf));
    return planned;
  };
  const collect: RunDecisions['collect'] = async (gateway, signal) => {
    const rows: DecisionRow[] = [];
    for (const [version, own] of cuts) {
      for (const cut of own) {
        const learned = await gateway.centres(version, cut.stage, signal);
        if (learned === null) continue;
        const { known, note } = learned;
        rows.push({ stage: cut.stage, by: cut.by, labels: known.centres.length, note });
        store.keep(cut, known);
      }
    }
    return rows;
  };
  const planned = under({ plan, report }, plan.version);
  return {
    ...planned,
    notes: [...planned.notes, ...store.notes],
    isKept: centres !== undefined,
    under,
    collect,
    learned: async (gateway, signal) => {
      const rows = await collect(gateway, signal);
      await store.save();
      return rows;
    },
  };
}

const cutOf = ({ stage, tensors, channels, by }: PlannedDecisions['decisions'][number]): DecidedCut => ({
  stage,
  tensors,
  channels,
  by: by.kind,
});

/** What was learned at each cut and by each classifier since it was calibrated; in its file, a line each. */
class LearnedCentres {
  readonly notes: string[] = [];
  readonly #path: string | undefined;
  readonly #calibration: Calibration;
  /** Of this run, by cut. */
  readonly #learned: Map<string, { readonly channels: number; readonly known: KnownCentres }> = new Map();
  /** Of runs before. */
  readonly #lines: readonly string[];

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
    const name = this.#nameOf(cut);
    const learned = this.#learned.get(name);
    if (learned !== undefined) return learned.known;
    const read = this.#lines.map((line) => readCentres(line, name, cut.channels));
    const own = read.find(({ kind }) => kind === 'centres');
    if (own?.kind === 'centres') return own.known;
    if (read.length > 0)
      this.notes.push(
        `Stage ${cut.stage} goes by the calibration: ${this.#path ?? ''} knows nothing of what crosses behind it.`,
      );
    return null;
  }

  keep(cut: DecidedCut, known: KnownCentres): void {
    this.#learned.set(this.#nameOf(cut), { channels: cut.channels, known });
  }

  async save(): Promise<void> {
    if (this.#path === undefined || this.#learned.size === 0) return;
    const own = [...this.#learned];
    const others = this.#lines.filter((line) =>
      own.every(([name, { channels }]) => readCentres(line, name, channels).kind === 'other'),
    );
    const lines = own.map(([name, { channels, known }]) => saveCentres(name, channels, known).trimEnd());
    // A reader, or a run that is stopped now, finds the old file or the new one.
    await writeFile(`${this.#path}.new`, `${[...others, ...lines].join('\n')}\n`);
    await rename(`${this.#path}.new`, this.#path);
  }

  /** What was learned at several tensors before their features were scaled has another name, and is not used. */
  #nameOf({ tensors, by }: DecidedCut): string {
    const { model, data } = this.#calibration;
    const kind = [...(by === 'centres' ? [] : ['classifier']), ...(tensors.length > 1 ? ['scaled'] : [])];
    return [model.digest, data.digest, ...kind, ...tensors].join(' ');
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
