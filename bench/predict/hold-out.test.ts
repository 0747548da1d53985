import { predictors } from '@tandem/core';
import { describe, expect, it } from 'vitest';
import {
  byDevice,
  byNetwork,
  type Foreteller,
  foretellerOf,
  holdOut,
  meanOfOtherDevices,
} from './hold-out.ts';
import { readNcnnTable } from './ncnn-table.ts';
import { placementOf } from './placement.ts';
import { rankCorrelation } from './rank-correlation.ts';

const header = 'device,num_threads,powersave,gpu_device,loop_count,model,min_ms,max_ms,avg_ms';
const models = ['squeezenet', 'mobilenet', 'mobilenet_v2', 'resnet18', 'googlenet', 'alexnet'];
const boards = ['Raspberry Pi 4 x', 'Raspberry Pi 5 x', 'Station P2, RK3568', 'Rock RK3566', 'AX630C x'];

const table = (lines: readonly string[]) => readNcnnTable([header, ...lines].join('\n'));
const line = (device: string, model: string, milliseconds: number, gpu = '-1'): string =>
  `"${device}",1,0,${gpu},8,${model},${milliseconds},${milliseconds},${milliseconds}`;

const all = boards.flatMap((board, slow) =>
  models.map((model, heavy) => line(board, model, (slow + 1) * (heavy * 7 + 10))),
);

describe('the rule of exclusion', () => {
  it.each([
    [line('Raspberry Pi 4', 'resnet18', 5), null],
    [line('Raspberry Pi 4', 'resnet18', 5, '0'), 'gpu'],
    [line('Hi3519', 'resnet18', 5, ''), 'gpu'],
    [line('Raspberry Pi 4', 'resnet18_int8', 5), 'int8'],
    [line('Raspberry Pi 4', 'squeezenet-int8', 5), 'int8'],
    [line('Raspberry Pi 4', 'nanodet_m', 5), 'unknown network'],
    [line('Sunway SW831', 'resnet18', 5), 'unknown device'],
    [line('Raspberry Pi 4', 'resnet18', 0), 'no time'],
  ])('%s → %s', (text, expected) => {
    const { timings, excluded } = table([text]);
    expect(timings).toHaveLength(expected === null ? 1 : 0);
    expect(Object.entries(excluded).find(([, count]) => count > 0)?.[0] ?? null).toBe(expected);
  });

  it('refuses a table with other columns', () => {
    expect(() => readNcnnTable('a,b\n1,2')).toThrow("the first line is 'a,b'");
  });
});

describe('placementOf', () => {
  it.each([
    ['Rockchip RK3399 x', 2, 2, 2 * 1.8e9 * 8],
    ['Rockchip RK3399 x', 4, 1, 4 * 1.5e9 * 8],
    ['Rockchip RK3399 x', 6, 0, 2 * 1.8e9 * 8 + 4 * 1.5e9 * 8],
    ['Rockchip RK3399 x', 99, 2, 2 * 1.8e9 * 8],
  ])('%s, %i threads, cores %i', (device, threads, powersave, flopsPerSecond) => {
    expect(placementOf(device, threads, powersave)?.traits.flopsPerSecond).toBeCloseTo(flopsPerSecond, 0);
  });
});

describe('holdOut', () => {
  const { timings } = table(all);
  const foretellers: [string, Foreteller][] = [
    ['mean of the other devices', meanOfOtherDevices],
    ...Object.entries(predictors).map(([name, predictor]): [string, Foreteller] => [
      name,
      foretellerOf(predictor),
    ]),
  ];

  it.each(foretellers)('%s learns nothing from what is held out', (name, foretell) => {
    for (const split of name.startsWith('mean') ? [byDevice] : [byDevice, byNetwork]) {
      const folds = new Set(timings.map(split.fold));
      const fold = [...folds][0];
      const spoilt = timings.map((timing) =>
        split.fold(timing) === fold
          ? {
              ...timing,
              segment: {
                ...timing.segment,
                seconds: (timing.segment.seconds * 1000) as typeof timing.segment.seconds,
              },
            }
          : timing,
      );
      const foretold = (of: typeof timings): readonly number[][] => {
        const all: number[][] = [];
        holdOut(of, split, (training, heldOut) => {
          const values = foretell(training, heldOut);
          all.push([...values]);
          return values;
        });
        return all;
      };
      const [honest, spoiled] = [foretold(timings), foretold(spoilt)];
      expect(spoiled[0]).toEqual(honest[0]);
      expect(spoiled[1]).not.toEqual(honest[1]);
    }
  });

  it('holds sister boards out together and trains on the rest', () => {
    const seen: string[] = [];
    holdOut(timings, byDevice, (training, heldOut) => {
      const held = new Set(heldOut.map(({ chip }) => chip));
      seen.push([...new Set(heldOut.map(({ device }) => device))].join(' + '));
      expect(training.some(({ chip }) => held.has(chip))).toBe(false);
      expect(training.length + heldOut.length).toBe(timings.length);
      return heldOut.map(() => 1);
    });
    expect(seen).toContain('Station P2, RK3568 + Rock RK3566');
  });

  it('scores order and error', () => {
    const perfect = holdOut(timings, byDevice, (_, heldOut) => heldOut.map(({ segment }) => segment.seconds));
    expect(perfect.every(({ rank, error }) => Math.abs(rank - 1) < 1e-12 && error === 0)).toBe(true);
    const reversed = holdOut(timings, byDevice, (_, heldOut) =>
      heldOut.map(({ segment }) => 1 / segment.seconds),
    );
    expect(reversed.every(({ rank }) => Math.abs(rank + 1) < 1e-12)).toBe(true);
  });
});

describe('rankCorrelation', () => {
  it.each([
    [[1, 2, 3, 4], [10, 20, 30, 400], 1],
    [[1, 2, 3, 4], [4, 3, 2, 1], -1],
    [[1, 2, 3, 4], [2, 1, 4, 3], 0.6],
    [[1, 2, 2, 4], [1, 2, 2, 4], 1],
  ])('%j and %j', (left, right, expected) => {
    expect(rankCorrelation(left, right)).toBeCloseTo(expected, 12);
  });
});
