import {
  bestSplit,
  type Choice,
  type ChooseContext,
  createEvaluator,
  isSplit,
  type PricedSplit,
  type Problem,
  rateAt,
  type SplitRange,
  splitRange,
  valueText,
} from '@tandem/core';
import { formatBitRate, formatBytes, formatSeconds } from '../quantities.ts';

/** Whether to split, why, and what would have to change for the answer to be another. */
export interface Verdict {
  readonly split: boolean;
  /** For a person. */
  readonly sentences: readonly string[];
  /** The best cut, when the answer is not to split and a cut is possible. */
  readonly bestSplit: SplitFigures | null;
  /** Rates of the link that the best split uses at which a split would win; null when none was found or none was sought. */
  readonly wouldSplit: WouldSplit | null;
}

export interface SplitFigures {
  /** The last node before the cut. */
  readonly cutAfter: string;
  readonly devices: readonly string[];
  /** By the problem's objective. */
  readonly value: number;
  readonly computeSeconds: number;
  readonly bytesSent: number;
}

export interface WouldSplit {
  readonly from: string;
  readonly to: string;
  /** Where it begins to win, coming from today's rate. */
  readonly bitsPerSecond: number;
  /** Where it ends to win; null = not before `triedBitsPerSecond`. */
  readonly untilBitsPerSecond: number | null;
  /** How far was looked. */
  readonly triedBitsPerSecond: number;
  readonly split: SplitFigures;
  /** What the best device alone is worth there. */
  readonly alone: number;
  /** Whether the link would have to be faster or slower than it is. */
  readonly direction: 'faster' | 'slower';
}

export async function verdictOf(problem: Problem, choice: Choice, context: ChooseContext): Promise<Verdict> {
  const { plan } = choice.planned;
  if (isSplit(plan))
    return { split: true, sentences: [plan.why.sentence], bestSplit: null, wouldSplit: null };
  const best = await bestSplit(problem, { ...context, evaluator: createEvaluator(problem) });
  const range = await splitRange(problem, context);
  const figures = typeof best === 'string' ? null : figuresOf(problem, best);
  const wouldSplit = range.kind === 'found' ? wouldSplitOf(problem, range) : null;
  const reason = typeof best === 'string' ? `No split is possible: ${best}` : reasonText(problem, best);
  return {
    split: false,
    sentences: [plan.why.sentence, reason, changeText(problem, range, wouldSplit)],
    bestSplit: figures,
    wouldSplit,
  };
}

function figuresOf({ graph }: Problem, { plan, report, value }: PricedSplit): SplitFigures {
  return {
    cutAfter: graph.nodes[plan.stages[0]?.nodes.at(-1) ?? -1]?.name ?? '',
    devices: plan.stages.map(({ device }) => device),
    value,
    computeSeconds: report.stages.reduce((sum, { computeSeconds }) => sum + computeSeconds, 0),
    bytesSent: report.bytesSent,
  };
}

function reasonText(problem: Problem, split: PricedSplit): string {
  const { cutAfter, devices, value, computeSeconds, bytesSent } = figuresOf(problem, split);
  const [first, second] = devices;
  return (
    `The best split, '${first}' up to '${cutAfter}' and then '${second}', ${valueText(problem, value)}: it computes for ${formatSeconds(computeSeconds)} ` +
    `and sends ${formatBytes(bytesSent)}.`
  );
}

function wouldSplitOf(
  problem: Problem,
  range: Extract<SplitRange, { readonly kind: 'found' }>,
): WouldSplit | null {
  const [from, to] = range.split.plan.stages.map(({ device }) => device);
  const link = problem.cluster.links.find((row) => row.from === from && row.to === to);
  if (link === undefined) return null;
  const rate = rateAt(link, 0);
  return {
    from: link.from,
    to: link.to,
    bitsPerSecond: rate * range.nearest,
    untilBitsPerSecond: range.farthest === null ? null : rate * range.farthest,
    triedBitsPerSecond: rate * range.tried,
    split: figuresOf(problem, range.split),
    alone: range.alone,
    direction: range.nearest > 1 ? 'faster' : 'slower',
  };
}

function changeText(problem: Problem, range: SplitRange, would: WouldSplit | null): string {
  if (range.kind === 'not-sought')
    return `At which link rate a split would win was not sought: ${range.reason}.`;
  if (would === null) return 'No link rate from 1/256 to 256 times the stated ones makes a split win.';
  const { from, to, split, alone } = would;
  const alike = problem.cluster.links.length > 2 ? ' (all links alike)' : '';
  return (
    `With '${from}' → '${to}' at ${rateText(would)}${alike} a cut after '${split.cutAfter}' would win: ` +
    `it ${valueText(problem, split.value)} there, the best device alone ${valueText(problem, alone)}.`
  );
}

/** "37.0 Mbit/s to 150 Mbit/s"; "≥ 37.0 Mbit/s (tried up to 5.12 Gbit/s)"; "≤ 208 Mbit/s (tried down to 7.81 Mbit/s)". */
function rateText({
  bitsPerSecond: nearest,
  untilBitsPerSecond: farthest,
  triedBitsPerSecond,
  direction,
}: WouldSplit): string {
  if (farthest === null) {
    const [sign, way] = direction === 'faster' ? ['≥', 'up'] : ['≤', 'down'];
    return `${sign} ${formatBitRate(nearest)} (tried ${way} to ${formatBitRate(triedBitsPerSecond)})`;
  }
  const [low, high] = nearest < farthest ? [nearest, farthest] : [farthest, nearest];
  return `${formatBitRate(low)} to ${formatBitRate(high)}`;
}
