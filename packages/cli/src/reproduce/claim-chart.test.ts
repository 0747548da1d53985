import { createRandom, RefusedError, seconds } from '@tandem/core';
import { createSha256 } from '@tandem/node';
import { describe, expect, it } from 'vitest';
import { seriesChart } from '../chart/series-chart.ts';
import { type Claim, exactly, type ReproduceContext } from './claim.ts';
import { claimChart } from './claim-chart.ts';
import { claims } from './claims.ts';
import { reproduce } from './reproduction.ts';

const context: ReproduceContext = {
  clock: { now: () => seconds(0), sleep: async () => {} },
  random: createRandom(1),
  createSha256,
  signal: new AbortController().signal,
  dataFolder: null,
};

async function drawn(id: string): Promise<string> {
  const claim = claims[id];
  if (claim === undefined) throw new Error(`there is no claim ${id}`);
  return await claimChart(claim, await reproduce(id, claim, context), context);
}

const words = (svg: string): string[] =>
  [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, word = '']) => word);
const count = (svg: string, colour: string): number => svg.split(`fill="${colour}"`).length - 1;

describe('claimChart', () => {
  it('draws each piece of work of the schemes of figure 2', async () => {
    const svg = await drawn('K2');
    expect(words(svg)).toContain('Scheme 1: 1, 4, 1; four tasks, one every 2 units');
    expect(svg.match(/<rect (?=[^>]*width="[\d.]+")/g)?.length).toBe(3 * 3 * 4);
  });

  it('names the layers and tensors of figure 4', async () => {
    expect(words(await drawn('K3'))).toEqual(
      expect.arrayContaining(['1', '7', 't3', 't6', 'device → cloud']),
    );
  });

  it('draws the figures of a claim without a drawing as ours over the paper’s, those beyond their tolerance in another colour', async () => {
    const svg = await drawn('K6');
    expect(words(svg)).toContain('5. mean against SPINN');
    // One of each is the legend's.
    expect([count(svg, '#0072b2'), count(svg, '#d55e00')]).toEqual([2 + 1, 4 + 1]);
  });

  it('refuses where there is nothing to compare', async () => {
    const figures = { a: { unit: 's', paper: null, tolerance: exactly, where: 'figure 1' } };
    const claim: Claim = {
      claim: '',
      paper: '',
      standIn: '',
      figures,
      remarks: [],
      run: async () => ({ a: 1 }),
    };
    await expect(claimChart(claim, await reproduce('X', claim, context), context)).rejects.toThrow(
      RefusedError,
    );
  });
});

describe('seriesChart', () => {
  it('draws a line and its points for each series', () => {
    const axis = { label: 'Mbit/s', isLogarithmic: true };
    const points = [
      [1, 2],
      [10, 4],
    ] as const;
    const series = [
      { label: 'NS', points },
      { label: 'COACH', points },
    ];
    const svg = seriesChart([{ title: 'Throughput', x: axis, y: { ...axis, label: 'requests/s' }, series }]);
    expect(svg.match(/<circle/g)).toHaveLength(4);
    expect(words(svg)).toEqual(expect.arrayContaining(['Throughput', 'NS', 'COACH', 'requests/s →']));
  });
});
