import type { Clock, CreateSha256, Random } from '@tandem/core';
import type { SeriesPanel } from '../chart/series-chart.ts';
import type { SpansPanel } from '../chart/spans-chart.ts';

/** A quantitative claim of a paper, and how Tandem arrives at the same figures without the paper's hardware or data. */
export interface Claim {
  /** The claim in one sentence. */
  readonly claim: string;
  /** Author, venue and year. */
  readonly paper: string;
  /** What takes the place of the paper's hardware, data and software. */
  readonly standIn: string;
  /** By the figure's name, in the order in which they are shown. */
  readonly figures: Readonly<Record<string, Figure>>;
  /** What a reader must know to judge the verdict. Whole sentences. */
  readonly remarks: readonly string[];
  /** What the figures themselves say, in sentences that follow from them. @default nothing */
  readonly observed?: (findings: Findings) => readonly string[];
  /** Whether `run` reads the test data, which do not ship. Without them nothing is checked. @default false */
  readonly needsData?: boolean;
  /** A value for each of `figures`. Deterministic: the same seed gives the same values. */
  run(context: ReproduceContext): Promise<Findings>;
  /** For --chart. @default each figure as ours / the paper's */
  readonly chart?: (context: ReproduceContext) => Promise<ClaimChart>;
}

/** What a claim draws of itself. */
export type ClaimChart =
  | { readonly kind: 'series'; readonly panels: readonly SeriesPanel[] }
  | { readonly kind: 'spans'; readonly panels: readonly SpansPanel[] };

/** One number of a claim: what was printed and how near counts as the same, both written down before anything runs. */
export interface Figure {
  /** '×', 'ms', 'GB', 'layers' … */
  readonly unit: string;
  /** As printed; null = ours has no counterpart in the paper and is not judged. */
  readonly paper: number | null;
  readonly tolerance: Tolerance;
  /** Table, figure or section of the paper. */
  readonly where: string;
}

/** How far ours may be from the paper's: |ours − paper| ≤ value, |ours / paper − 1| ≤ value, ours ≥ paper. */
export type Tolerance =
  | { readonly kind: 'absolute'; readonly value: number }
  | { readonly kind: 'relative'; readonly value: number }
  | { readonly kind: 'at-least' };

/** Our value of each figure, by its name. */
export type Findings = Readonly<Record<string, number>>;

export interface ReproduceContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly createSha256: CreateSha256;
  readonly signal: AbortSignal;
  /** Of the test data: models/ and datasets/; null = there are none. */
  readonly dataFolder: string | null;
}

/** A claim whose `run` must yield exactly its figures. */
export function defineClaim<Name extends string>(
  claim: Omit<Claim, 'figures' | 'run'> & {
    readonly figures: Readonly<Record<Name, Figure>>;
    run(context: ReproduceContext): Promise<Readonly<Record<NoInfer<Name>, number>>>;
  },
): Claim {
  return claim;
}

/** Within half a unit of the last printed digit, `decimals` behind the point. */
export function roundedTo(decimals: number): Tolerance {
  return { kind: 'absolute', value: 0.5 * 10 ** -decimals };
}

/** No difference at all: counts and constants. */
export const exactly: Tolerance = { kind: 'absolute', value: 0 };
