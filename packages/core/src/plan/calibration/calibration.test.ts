import { describe, expect, it } from 'vitest';
import { lossOf } from '../../calibrate/answer-losses.ts';
import { exampleCluster } from '../../cluster/example-cluster.ts';
import { InvalidInputError, RefusedError, UnsupportedError } from '../../errors.ts';
import { randomGraph } from '../../graph/random-graph.ts';
import { inputShapes } from '../../profile/profile-file.ts';
import { createRandom } from '../../random.ts';
import { chosenLoss, codecLoss, isUncalibrated } from '../accuracy.ts';
import type { Policies, PrecisionPolicy } from '../policies.ts';
import { problemOf } from '../problem-of.ts';
import type { TransferCodec } from '../transfer-codec.ts';
import { calibratedOptions } from './calibrated-options.ts';
import { type Calibration, writeCalibration } from './calibration.ts';
import { readCalibration } from './read-calibration.ts';

const digest = 'a'.repeat(64);
/** Nodes 0 to 4; node n reads tensor n and yields tensor n + 1. */
const graph = { ...randomGraph(createRandom(3), { kind: 'chain', nodes: 5 }), modelDigest: digest };
const nameOf = (tensor: number): string => graph.tensors[tensor]?.name ?? '';

const calibration: Calibration = {
  model: { name: 'chain', digest, inputs: inputShapes(graph) },
  data: { name: 'photos', digest, samples: 1000, judgedBy: 'agreement' },
  mostLoss: 0.005,
  cuts: [
    {
      tensors: [nameOf(2)],
      bits: [4],
      losses: [
        { bits: [4], loss: lossOf(2, 1000) },
        { bits: [3], loss: lossOf(20, 64) },
      ],
      online: {
        exitAbove: 0.25,
        fewerBits: [{ bits: 3, atLeast: 0.125 }],
        offlineBits: 4,
        mostDistance: null,
        labels: 2,
        similarity: { mean: 0.5, deviation: 0.25 },
        samples: 1000,
        exitLoss: { share: 0, low: 0, high: 0.01 },
        notes: ['a note'],
      },
      exitShare: 0.5,
      sent: [
        {
          afterExits: true,
          bits: [
            { bits: 3, share: 0.25 },
            { bits: 4, share: 0.75 },
          ],
          loss: lossOf(1, 500),
        },
      ],
      centres: [
        { label: 0, count: 500, centre: [0.5, 1] },
        { label: 7, count: 500, centre: [1, 0.5] },
      ],
      notes: [],
    },
  ],
  heads: {
    heads: [
      {
        tensor: nameOf(1),
        labels: [0, 7],
        weights: [
          [1, 2],
          [3, 4],
        ],
      },
      {
        tensor: nameOf(3),
        labels: [0, 7],
        weights: [
          [1, 2],
          [3, 4],
        ],
      },
    ],
    settings: [
      { threshold: 0.5, from: 0, shares: [0.25, 0.25], loss: lossOf(-1, 500) },
      { threshold: 0.75, from: 1, shares: [0, 0.5], loss: lossOf(5, 500) },
    ],
    notes: [],
  },
};
const text = writeCalibration(calibration);

const affine = (bits: 2 | 3 | 4 | 8): TransferCodec => ({ kind: 'affine', bits, perChannel: false });

describe('a calibration file', () => {
  it('is read as it was written, but for digits that no float32 has', () => {
    const read = readCalibration(text);
    expect(writeCalibration(read)).toBe(text);
    expect(read.cuts[0]?.online).toEqual(calibration.cuts[0]?.online);
    expect(read.heads.heads).toEqual(calibration.heads.heads);
  });

  it.each<[string, (document: Record<string, never>) => void, RegExp]>([
    ['no format', (root) => delete root['format'], /format/],
    ['an unknown key', (root) => Object.assign(root, { cut: [] }), /cut is not a known key/],
    ['a loss of NaN', (root) => Object.assign(root, { mostLoss: null }), /mostLoss is null/],
    ['9 bits', (root) => Object.assign(root['cuts']?.[0] ?? {}, { bits: [9] }), /cuts\[0\]\.bits/],
    [
      'bits of other tensors',
      (root) => Object.assign(root['cuts']?.[0] ?? {}, { bits: [4, 4] }),
      /has 2 entries, expected 1/,
    ],
    [
      'a threshold below 0',
      (root) => Object.assign(root['cuts']?.[0]?.['online'] ?? {}, { exitAbove: -1 }),
      /exitAbove is -1/,
    ],
    [
      'centres of several lengths',
      (root) => Object.assign(root['cuts']?.[0]?.['centres']?.[1] ?? {}, { centre: [1] }),
      /has 1 entries, expected 2/,
    ],
    [
      'shares of bits that are not all',
      (root) => Object.assign(root['cuts']?.[0]?.['sent']?.[0]?.['bits']?.[0] ?? {}, { share: 0.5 }),
      /shares that add up to 1.25/,
    ],
    [
      'weights of no label',
      (root) => Object.assign(root['heads']?.['heads']?.[0] ?? {}, { labels: [] }),
      /weights has 2 entries, expected 0/,
    ],
    [
      'shares of no head',
      (root) => Object.assign(root['heads']?.['settings']?.[0] ?? {}, { shares: [] }),
      /shares has 0 entries/,
    ],
    [
      'a share above 1',
      (root) => Object.assign(root['heads']?.['settings']?.[0] ?? {}, { shares: [2, 0] }),
      /shares/,
    ],
  ])('is refused with %s', (_what, spoil, expected) => {
    const root = JSON.parse(text) as Record<string, never>;
    spoil(root);
    expect(() => readCalibration(JSON.stringify(root))).toThrow(InvalidInputError);
    expect(() => readCalibration(JSON.stringify(root))).toThrow(expected);
  });

  it.each(['', '{', 'null', '[]', '7', '{}', '{"format":"tandem-profile"}'])('is not %j', (other) => {
    expect(() => readCalibration(other)).toThrow(InvalidInputError);
  });

  it('is refused where a later version wrote it', () => {
    const later = JSON.stringify({ ...(JSON.parse(text) as object), formatVersion: 3 });
    expect(() => readCalibration(later)).toThrow(UnsupportedError);
  });

  it('is refused in version 1 where several tensors cross together, and nowhere else', () => {
    const joint = calibration.cuts.map((cut) => {
      return { ...cut, tensors: [nameOf(2), nameOf(3)], bits: [4, 4] as const, losses: [] };
    });
    const both = writeCalibration({ ...calibration, cuts: [...calibration.cuts, ...joint] });
    const old = (document: string): string =>
      JSON.stringify({ ...(JSON.parse(document) as object), formatVersion: 1 });
    expect(readCalibration(old(text))).toEqual(readCalibration(text));
    expect(writeCalibration(readCalibration(both))).toBe(both);
    expect(() => readCalibration(old(both))).toThrow(UnsupportedError);
    expect(() => readCalibration(old(both))).toThrow(
      /has format version 1 and 2 tensors in cuts\[1\], expected version 2/,
    );
  });
});

describe('calibratedOptions', () => {
  const options = calibratedOptions(calibration, graph);

  it('says what bits cost: as measured, else as the next fewer do, else everything; elsewhere nothing is assumed', () => {
    const problem = problemOf(graph, exampleCluster(), options);
    expect(codecLoss(problem, 2, affine(4))).toBe(0.002);
    expect(codecLoss(problem, 2, affine(8))).toBe(0.002);
    expect(codecLoss(problem, 2, affine(3))).toBeCloseTo(20 / 64);
    expect(codecLoss(problem, 2, affine(2))).toBe(1);
    expect(codecLoss(problem, 3, affine(8))).toBe(1);
    expect(isUncalibrated(problem, 3, affine(8))).toBe(true);
    expect(isUncalibrated(problem, 3, { kind: 'raw' })).toBe(false);
    expect(isUncalibrated(problem, 2, affine(2))).toBe(false);
    expect(problem.constraints.accuracyLoss).toBe(0.005);
  });

  it('gives half precision its own loss, and the affine codec up, where calibration did', () => {
    const [cut] = calibration.cuts;
    if (cut === undefined) throw new Error('the calibration has no cut');
    const losses = [...cut.losses, { bits: [16] as const, loss: lossOf(1, 1000) }];
    const half = { ...calibration, cuts: [{ ...cut, bits: [16] as const, losses, sent: [] }] };
    const problem = problemOf(
      graph,
      exampleCluster(),
      calibratedOptions(readCalibration(writeCalibration(half)), graph),
    );
    expect(codecLoss(problem, 2, affine(8))).toBe(1);
    expect(codecLoss(problem, 2, { kind: 'fp16' })).toBe(0.001);
  });

  it('believes of bits chosen request by request what was measured, where they are no fewer', () => {
    const problem = problemOf(graph, exampleCluster(), options);
    const exits = options.exits?.settings.at(-1);
    if (exits === undefined) throw new Error('the calibration has no centres');
    const lossOf = (bits: PrecisionPolicy['bits'], own: Policies = { exits }): number | undefined => {
      const precision: PrecisionPolicy = { rule: 'fill', transfers: [{ tensor: 2, to: 'server' }], bits };
      return chosenLoss(problem, { policies: { ...own, precision } })?.loss;
    };
    const measured = [
      { bits: 3, share: 0.25 },
      { bits: 4, share: 0.75 },
    ] as const;
    expect(lossOf(measured)).toBe(1 / 500);
    expect(lossOf([{ bits: 4, share: 1 }])).toBe(1 / 500);
    expect(lossOf([{ bits: 3, share: 1 }]), 'fewer bits than were enough').toBeUndefined();
    expect(lossOf(measured, {}), 'measured of those that stay').toBeUndefined();
  });

  it('has the exits as a table, each setting with the classifiers that it asks', () => {
    expect(options.exits?.heads.map(({ tensor, kind }) => [tensor, kind])).toEqual([
      [1, 'confidence'],
      [3, 'confidence'],
      [expect.any(Number), 'centres'],
    ]);
    expect(options.exits?.settings.slice(0, 2)).toMatchObject([
      {
        accuracyLoss: 0,
        points: [
          { tensor: 1, share: 0.25 },
          { tensor: 3, share: 0.25 },
        ],
      },
      { accuracyLoss: 0.01, points: [{ tensor: 3, share: 0.5, threshold: 0.75 }] },
    ]);
  });

  it('has centres as an exit where requests may leave by them, and no exits where nothing was fitted', () => {
    const heads = { heads: [], settings: [], notes: ['There are no exits: there is one label.'] };
    const [own] = calibration.cuts;
    expect(calibratedOptions({ ...calibration, heads }, graph).exits?.settings).toMatchObject([
      { accuracyLoss: 0, points: [{ kind: 'centres', threshold: 0.25, share: own?.exitShare }] },
    ]);
    const cuts = calibration.cuts.map((cut) => ({ ...cut, online: { ...cut.online, exitAbove: null } }));
    expect(calibratedOptions({ ...calibration, cuts, heads }, graph).exits).toBeUndefined();
  });

  it('is refused for another model, other shapes and tensors that are not there', () => {
    const other = { ...graph, modelDigest: 'b'.repeat(64) };
    expect(() => calibratedOptions(calibration, other)).toThrow(RefusedError);
    const model = { ...calibration.model, inputs: 'x float32[1,3]' };
    expect(() => calibratedOptions({ ...calibration, model }, graph)).toThrow(/of the inputs x float32/);
    const cuts = calibration.cuts.map((cut) => ({ ...cut, tensors: ['gone'] }));
    expect(() => calibratedOptions({ ...calibration, cuts }, graph)).toThrow(/names the tensor 'gone'/);
    const heads = {
      ...calibration.heads,
      heads: calibration.heads.heads.map((head) => ({ ...head, tensor: nameOf(5) })),
    };
    expect(() => calibratedOptions({ ...calibration, heads }, graph)).toThrow(/classifier at/);
  });
});
