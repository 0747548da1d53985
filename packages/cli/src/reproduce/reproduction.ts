import type { Claim, ReproduceContext } from './claim.ts';
import { judge, type Verdict } from './judge.ts';

/** What `tandem reproduce ID --json` prints. The records are keyed alike, by the names of the claim's figures. */
export interface Reproduction {
  readonly id: string;
  readonly claim: string;
  readonly source: string;
  /** As printed in the paper; null = not printed, and then not judged. */
  readonly paper: Readonly<Record<string, number | null>>;
  /** Empty where data are missing. */
  readonly ours: Readonly<Record<string, number>>;
  /** Ours / the paper's, where that has a meaning. */
  readonly ratio: Readonly<Record<string, number>>;
  readonly unit: Readonly<Record<string, string>>;
  /** Table, figure or section of the paper. */
  readonly where: Readonly<Record<string, string>>;
  readonly standIn: string;
  readonly tolerance: Readonly<Record<string, string>>;
  readonly verdict: Verdict;
  readonly remarks: readonly string[];
}

const missing =
  'Nothing was checked: the models and recordings that it takes are not here. Set TANDEM_DATA to the folder that holds models/ and datasets/.';

/** Runs one claim and judges it. */
export async function reproduce(id: string, claim: Claim, context: ReproduceContext): Promise<Reproduction> {
  const isMissing = claim.needsData === true && context.dataFolder === null;
  const findings = isMissing ? {} : await claim.run(context);
  const column = <Value>(value: (name: string) => Value): Readonly<Record<string, Value>> =>
    Object.fromEntries(Object.keys(claim.figures).map((name) => [name, value(name)]));
  const figure = <Key extends 'unit' | 'where'>(key: Key): Readonly<Record<string, string>> =>
    column((name) => claim.figures[name]?.[key] ?? '');
  return {
    id,
    claim: claim.claim,
    source: claim.paper,
    paper: column((name) => claim.figures[name]?.paper ?? null),
    ours: isMissing ? {} : column((name) => findings[name] ?? Number.NaN),
    ratio: ratios(claim, findings),
    unit: figure('unit'),
    where: figure('where'),
    standIn: claim.standIn,
    tolerance: column((name) => toleranceText(claim, name)),
    verdict: isMissing ? 'cannot-be-checked' : judge(claim, findings),
    remarks: isMissing
      ? [missing, ...claim.remarks]
      : [...(claim.observed?.(findings) ?? []), ...claim.remarks],
  };
}

function ratios(claim: Claim, findings: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  const known = Object.entries(claim.figures).flatMap(([name, { paper }]) => {
    const ours = findings[name];
    return paper === null || paper === 0 || ours === undefined ? [] : [[name, ours / paper] as const];
  });
  return Object.fromEntries(known);
}

function toleranceText(claim: Claim, name: string): string {
  const figure = claim.figures[name];
  if (figure === undefined || figure.paper === null) return 'not judged';
  const { tolerance } = figure;
  switch (tolerance.kind) {
    case 'absolute':
      return tolerance.value === 0 ? 'exact' : `±${tolerance.value}`;
    case 'relative':
      return `±${Number((tolerance.value * 100).toPrecision(6))} %`;
    case 'at-least':
      return 'at least';
  }
}
