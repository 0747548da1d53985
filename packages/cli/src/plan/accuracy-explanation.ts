import { chosenLoss, cutTensors, measuredLoss, type Plan, type Problem, type Report } from '@tandem/core';

/** What a plan may cost in answers, and how that is known. */
export interface AccuracyExplanation {
  /** The share of answers lost, at most. */
  readonly loss: number;
  /** 'exact': nothing is coded and no request leaves early. 'assumed': by a rule of thumb, at least in part. */
  readonly source: 'exact' | 'assumed' | 'calibrated';
  /** Of the calibration: the fewest that a figure rests on; null unless it is calibrated. */
  readonly samples: number | null;
  /** Where the loss may lie, 95 % for each figure in it; null unless it is calibrated, and with exits. */
  readonly low: number | null;
  readonly high: number | null;
  /** The calibration data; null unless it is calibrated. */
  readonly data: string | null;
}

export function accuracyExplanation(
  problem: Problem,
  { transfers, policies }: Plan,
  { accuracyLoss: loss }: Report,
): AccuracyExplanation {
  const unknown = { samples: null, low: null, high: null, data: null };
  const chosen = policies === undefined ? null : chosenLoss(problem, { policies });
  const rows = transfers.flatMap(({ tensor, codec }) => {
    if (codec.kind !== 'affine' && codec.kind !== 'fp16') return [];
    const bits = codec.kind === 'fp16' ? 16 : codec.bits;
    const isChosen = chosen !== null && cutTensors(chosen).includes(tensor);
    return [isChosen ? chosen : measuredLoss(problem, tensor, bits)];
  });
  const hasExits = policies?.exits !== undefined;
  const isCoded = transfers.some(({ codec }) => codec.kind !== 'raw');
  if (!isCoded && !hasExits) return { loss, source: 'exact', ...unknown };
  const known = rows.flatMap((row) => row ?? []);
  const isMeasured = known.length === rows.length && (known.length > 0 || hasExits);
  if (!isMeasured || (policies?.precision !== undefined && chosen === null))
    return { loss, source: 'assumed', ...unknown };
  const sum = (key: 'low' | 'high'): number | null =>
    hasExits ? null : [...new Set(known)].reduce((total, row) => total + (row[key] ?? row.loss), 0);
  const samples = known.flatMap((row) => row.samples ?? []);
  return {
    loss,
    source: 'calibrated',
    samples: samples.length === 0 ? null : Math.min(...samples),
    low: sum('low'),
    high: sum('high'),
    data: problem.accuracy?.data ?? null,
  };
}

/** 'at most 0.40 % of the answers lost (calibrated on …, n = 1000: 0.15 to 0.90 %)' */
export function accuracyText({ loss, source, samples, low, high, data }: AccuracyExplanation): string {
  const lost = `at most ${percent(loss)} % of the answers lost`;
  if (source === 'assumed') return `${lost} (assumed: measure it with \`tandem calibrate\`)`;
  const counted = samples === null ? '' : `, n = ${samples}`;
  const interval = low === null || high === null ? '' : `: ${percent(low)} to ${percent(high)} %`;
  return `${lost} (calibrated${data === null ? '' : ` on ${data}`}${counted}${interval})`;
}

const percent = (share: number): string => (100 * share).toFixed(2);
