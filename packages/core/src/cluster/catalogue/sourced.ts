/**
 * How a figure came to be known: printed in a paper; in the maker's own document; reported by somebody else's page; measured by
 * somebody who published it; worked out from other figures of the same entry; guessed by a rule that the source states; or widely
 * given, with no document seen.
 */
export type Evidence = 'paper' | 'maker' | 'report' | 'measurement' | 'derived' | 'estimate' | 'unverified';

/** A value and where it comes from. */
export interface Sourced<Value> {
  readonly value: Value;
  readonly evidence: Evidence;
  /** Who says so and where; for a derived figure or an estimate the rule. */
  readonly source: string;
}

/** Makes figures of one source. */
export type Cite = <Value>(value: Value) => Sourced<Value>;

const cite =
  (evidence: Evidence) =>
  (source: string): Cite =>
  (value) => ({ value, evidence, source });

export const paper: (source: string) => Cite = cite('paper');
export const maker: (source: string) => Cite = cite('maker');
export const report: (source: string) => Cite = cite('report');
export const measurement: (source: string) => Cite = cite('measurement');
export const derived: (source: string) => Cite = cite('derived');
export const estimate: (source: string) => Cite = cite('estimate');

/** Stands in many specifications, but none was at hand to check it against. */
export function unverified<Value>(value: Value): Sourced<Value> {
  return { value, evidence: 'unverified', source: 'widely given, not checked against a document' };
}
