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
  readonly signal: AbortSignal;
}

export interface BenchResult {
  readonly rows: readonly BenchRow[];
  /** What a reader must know to judge the rows: states of caches, exceptions and their causes. Whole sentences. */
  readonly remarks: readonly string[];
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
