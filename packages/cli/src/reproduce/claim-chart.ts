import { RefusedError } from '@tandem/core';
import type { Claim, ReproduceContext } from './claim.ts';
import { isWithin } from './judge.ts';
import type { Reproduction } from './reproduction.ts';

/**
 * The claim's own drawing; of one that has none, each figure as ours / the paper's. SVG. Throws RefusedError where a claim has neither a
 * drawing nor a figure to compare.
 */
export async function claimChart(
  claim: Claim,
  reproduction: Reproduction,
  context: ReproduceContext,
): Promise<string> {
  if (claim.chart === undefined) return await ratios(claim, reproduction);
  const chart = await claim.chart(context);
  if (chart.kind === 'series') {
    const { seriesChart } = await import('../chart/series-chart.ts');
    return seriesChart(chart.panels);
  }
  const { spansChart } = await import('../chart/spans-chart.ts');
  return spansChart(chart.panels);
}

async function ratios({ figures }: Claim, { id, ratio, ours }: Reproduction): Promise<string> {
  const rows = Object.entries(ratio).flatMap(([name, value]) => {
    const figure = figures[name];
    return figure === undefined
      ? []
      : [{ name, ratio: value, isWithin: isWithin(figure, ours[name] ?? NaN) }];
  });
  if (rows.length === 0)
    throw new RefusedError(
      `${id} has nothing to draw: the paper prints none of its figures, or 0`,
      'Read its table, without --chart.',
    );
  const { ratioChart } = await import('../chart/ratio-chart.ts');
  return ratioChart(`Claim ${id}: ours over the paper’s`, rows);
}
