import type { Claim, Figure, Findings } from './claim.ts';

/**
 * 'holds': every judged figure is within its tolerance; 'fails': none is; 'partly': some are; 'cannot-be-checked': the paper prints
 * no figure to judge against.
 */
export type Verdict = 'holds' | 'partly' | 'fails' | 'cannot-be-checked';

/** Follows from the claim's tolerances and our values alone. A missing value is not within any tolerance. */
export function judge(claim: Pick<Claim, 'figures'>, ours: Findings): Verdict {
  const judged = Object.entries(claim.figures).filter(([, figure]) => figure.paper !== null);
  if (judged.length === 0) return 'cannot-be-checked';
  const within = judged.filter(([name, figure]) => isWithin(figure, ours[name] ?? Number.NaN)).length;
  if (within === judged.length) return 'holds';
  return within === 0 ? 'fails' : 'partly';
}

/** Whether `ours` is as near to the paper's figure as its tolerance asks; false for a figure that the paper does not print. */
export function isWithin({ paper, tolerance }: Figure, ours: number): boolean {
  if (paper === null || !Number.isFinite(ours)) return false;
  switch (tolerance.kind) {
    case 'absolute':
      return Math.abs(ours - paper) <= tolerance.value + rounding(paper);
    case 'relative':
      return Math.abs(ours - paper) <= tolerance.value * Math.abs(paper) + rounding(paper);
    case 'at-least':
      return ours >= paper;
  }
}

/** A difference of decimal fractions is not exact: 2.05 − 2 exceeds 0.05. */
const rounding = (paper: number): number => Math.abs(paper) * 1e-12;
