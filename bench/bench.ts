/** One thing that is measured, with everything it needs to be repeated. */
export interface Bench {
  /** One sentence: what is measured against what. */
  readonly title: string;
  /** Rows come in the order in which they are to be read. Cleans up after itself; honours `context.signal`. */
  run(context: BenchContext): Promise<BenchResult>;
}

export interface BenchContext {
  /** A line for people; never on standard output. */
  progress(line: string): void;
  /** Only cases whose name contains this text; '' = all. */
  readonly only: string;
  /** Forget what an interrupted run has kept. */
  readonly fresh: boolean;
  /** How long a bench that takes as long as one likes shall go on; null = as it sees fit. */
  readonly minutes: number | null;
  readonly signal: AbortSignal;
}

export interface BenchResult {
  readonly rows: readonly BenchRow[];
  /** Shown to people in place of the rows, where these are too many to be read one below the other. */
  readonly tables?: readonly BenchTable[];
  /** What a reader must know to judge the rows: states of caches, exceptions and their causes. Whole sentences. */
  readonly remarks: readonly string[];
}

/** The same figures as in the rows, side by side. */
export interface BenchTable {
  readonly title: string;
  readonly columns: readonly BenchColumn[];
  /** Each as long as `columns`. */
  readonly cells: readonly (readonly string[])[];
}

export interface BenchColumn {
  readonly title: string;
  readonly align: 'left' | 'right';
}

export interface BenchRow {
  readonly case: string;
  readonly value: number;
  /** 's', 'MB/s', 'bytes', 'cuts' … */
  readonly unit: string;
  /** The case that `ratio` divides by. */
  readonly ratioTo?: string;
  readonly ratio?: number;
}
