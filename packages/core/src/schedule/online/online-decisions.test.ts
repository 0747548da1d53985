import { describe, expect, it } from 'vitest';
import type { OnlineThresholds } from '../../calibrate/calibrate-online.ts';
import { InvalidInputError } from '../../errors.ts';
import type { Pace } from '../../plan/choose-bits.ts';
import { createRandom, type Random } from '../../random.ts';
import type { KnownCentres } from './decider.ts';
import { DriftWatch } from './drift-watch.ts';
import { OnlineDecisions, type OnlineOptions } from './online-decisions.ts';
import { PendingFeatures } from './pending-features.ts';
import { readCentres, saveCentres } from './saved-centres.ts';

const thresholds: OnlineThresholds = {
  exitAbove: 0.5,
  fewerBits: [
    { bits: 3, atLeast: 0.4 },
    { bits: 5, atLeast: 0.2 },
  ],
  offlineBits: 6,
  mostDistance: null,
  labels: 3,
  similarity: { mean: 0.9, deviation: 0.1 },
  samples: 100,
  exitLoss: { share: 0, low: 0, high: 0.05 },
  notes: [],
};
const axis = (label: number): Float32Array =>
  Float32Array.from([0, 1, 2, 3], (at) => (at === label ? 1 : at === 3 ? 0.5 : 0));
const known: KnownCentres = {
  centres: [0, 1, 2].map((label) => ({ label, count: 10, centre: axis(label) })),
};
const random = createRandom(1);
const noAudits: OnlineOptions = { auditShare: 0 };
const between = Float32Array.of(1, 1, 1, 0.5);

const online = (own: Partial<OnlineThresholds> = {}, options = noAudits, centres = known): OnlineDecisions =>
  new OnlineDecisions(4, { ...thresholds, ...own }, centres, options);

describe('decide', () => {
  it('lets a request leave that belongs to one label, and sends one between them', () => {
    const decisions = online();
    expect(decisions.exitsOff).toBeNull();
    expect(decisions.recalibrate).toBeNull();
    expect(decisions.decide(1, axis(2), null, random, 0)).toMatchObject({
      kind: 'leave',
      label: 2,
      isAudit: false,
    });
    expect(decisions.decide(2, between, null, random, 0)).toMatchObject({
      kind: 'send',
      bits: 6,
      separability: 0,
    });
  });

  it('sends fewer bits where the request is separable enough, and fills what the slower device leaves', () => {
    const decisions = online({ exitAbove: null });
    const pace = (slowerSeconds: number): Pace => ({ slowerSeconds, transferSeconds: (bits) => bits });
    expect(decisions.decide(1, axis(1), pace(1), random, 0).bits).toBe(3);
    expect(decisions.decide(1, axis(1), pace(7.5), random, 0).bits).toBe(7);
    expect(decisions.decide(1, between, pace(1), random, 0).bits).toBe(6);
  });

  it('is the offline plan where no request is separable enough for anything, whatever comes', () => {
    const decisions = online({ exitAbove: null, fewerBits: [] }, { auditShare: 0, mostBits: 6 });
    const pace: Pace = { slowerSeconds: 100, transferSeconds: (bits) => bits };
    for (let request = 0; request < 200; request++) {
      const feature = Float32Array.from({ length: 4 }, () => random.next());
      expect(decisions.decide(request, feature, pace, random, request)).toMatchObject({
        kind: 'send',
        bits: 6,
      });
      decisions.answered(request, random.integer(3), request);
    }
  });

  it.each<[string, OnlineDecisions, Float32Array, RegExp | null]>([
    ['features of NaN', online(), Float32Array.of(Number.NaN, 0, 0, 0), null],
    ['features that are too short', online(), Float32Array.of(1), null],
    ['a request that resembles no label', online({ mostDistance: 0.1 }), Float32Array.of(9, 0, 0, 0), null],
    [
      'thresholds without exits',
      online({ exitAbove: null, notes: ['Exits are off: there are 0 calibration samples.'] }),
      axis(1),
      /there are 0 calibration samples/,
    ],
    ['no centres', online({}, noAudits, { centres: [] }), axis(1), /0 labels have been seen 5 times/],
    [
      'one label',
      online({}, noAudits, { centres: known.centres.slice(0, 1) }),
      axis(0),
      /1 labels have been seen 5 times/,
    ],
    [
      'centres of another size',
      online({}, noAudits, { centres: [{ label: 1, count: 9, centre: Float32Array.of(1) }] }),
      axis(1),
      /0 labels/,
    ],
    [
      'a threshold raised too often',
      online({}, noAudits, { ...known, factor: 9 }),
      axis(1),
      /calibrated anew/,
    ],
  ])('lets nothing leave on %s', (_what, decisions, feature, message) => {
    expect(decisions.decide(1, feature, null, random, 0).kind).toBe('send');
    if (message === null) expect(decisions.exitsOff).toBeNull();
    else expect(decisions.exitsOff).toMatch(message);
  });

  it('compares separabilities of another number of labels by its root, and asks for a calibration', () => {
    const three = online().decide(1, axis(1), null, random, 0).separability;
    const decisions = online({ labels: 12 });
    expect(decisions.decide(1, axis(1), null, random, 0).separability).toBeCloseTo(2 * three, 9);
    expect(decisions.recalibrate).toMatch(
      /3 labels with enough answers, and the thresholds were calibrated with 12/,
    );
  });

  it('takes the mean of the calibration off where it is given', () => {
    const centre = Float32Array.of(1, 1, 1, 1);
    const shifted = axis(1).map((value) => value + 1);
    const plain = online().decide(1, axis(1), null, random, 0).separability;
    expect(online({}, { ...noAudits, centre }).decide(1, shifted, null, random, 0).separability).toBe(plain);
    expect(online().decide(1, shifted, null, random, 0).separability).toBeLessThan(plain);
  });
});

describe('answered', () => {
  it('moves the centre of the answer, late or not, and never by a request that left', () => {
    const decisions = online();
    decisions.decide(1, between, null, random, 0);
    decisions.decide(2, axis(1), null, random, 0);
    const before = decisions.centres.matrix.rows.map((row) => [...row]);
    expect(decisions.answered(2, 1, 1)).toBe(false);
    expect(decisions.centres.matrix.rows.map((row) => [...row])).toEqual(before);
    expect(decisions.answered(1, 0, 50)).toBe(true);
    expect(decisions.answered(1, 0, 50)).toBe(false);
    expect(decisions.centres.counts).toEqual([11, 10, 10]);
    expect(decisions.centres.matrix.rows[0]?.[1]).toBeCloseTo(1 / 11, 6);
  });

  it('learns new labels until they count', () => {
    const decisions = online({}, noAudits, { centres: [] });
    for (let request = 0; request < 12; request++) {
      expect(decisions.decide(request, axis(request % 2), null, random, 0).kind).toBe(
        request < 10 ? 'send' : 'leave',
      );
      decisions.answered(request, request % 2, 0);
    }
    expect(decisions.exitsOff).toBeNull();
  });

  it('stops believing the centres when audits find them poisoned', () => {
    const decisions = online({}, { auditShare: 0.3 });
    const draws = createRandom(7);
    let left = 0;
    for (let request = 0; request < 20_000 && !decisions.drift.isLost; request++) {
      const decision = decisions.decide(request, axis(request % 3), null, draws, request);
      left += decision.kind === 'leave' ? 1 : 0;
      // The model has come to call everything something else.
      decisions.answered(request, ((decision.label ?? 0) + 1) % 3, request);
    }
    expect(left).toBeGreaterThan(0);
    const last = Array.from({ length: 100 }, (_draw, at) =>
      decisions.decide(at, axis(at % 3), null, draws, 30_000),
    );
    expect(last.every(({ kind }) => kind === 'send')).toBe(true);
    expect(decisions.recalibrate).toMatch(/Audits disagreed|less similar/);
  });
});

it('counts for a new calibration only labels that requests are compared with', () => {
  const decisions = online({});
  expect(decisions.recalibrate).toBeNull();
  for (let request = 0; request < 5; request++) {
    expect(decisions.recalibrate, 'seen too seldom to count').toBeNull();
    decisions.decide(request, axis(3), null, createRandom(1), 0);
    decisions.answered(request, 9, 0);
  }
  expect(decisions.recalibrate).toMatch(/There are 4 labels with enough answers/);
});

describe('audits', () => {
  it('are the share that was asked for, and are sent', () => {
    const decisions = online({}, { auditShare: 0.25 });
    const draws = createRandom(3);
    let audits = 0;
    for (let request = 0; request < 4000; request++) {
      const { kind, isAudit } = decisions.decide(request, axis(request % 3), null, draws, 0);
      expect(kind).toBe(isAudit ? 'send' : 'leave');
      audits += isAudit ? 1 : 0;
      decisions.answered(request, request % 3, 0);
    }
    expect(audits / 4000).toBeCloseTo(0.25, 1);
    expect(decisions.drift.factor).toBe(1);
  });
});

describe('DriftWatch', () => {
  const watch = (): DriftWatch =>
    new DriftWatch({ mostLoss: 0.05, similarity: { mean: 0.8, deviation: 0.1 } });

  it('raises the threshold when audits disagree, takes it back slowly, and says when it is lost', () => {
    const drift = watch();
    for (let audit = 0; audit < 19; audit++) drift.audited(false);
    expect(drift.factor).toBe(1);
    drift.audited(false);
    expect(drift.factor).toBe(1.2);
    expect(drift.reason).toMatch(/exits are 1\.20 times as strict/);
    drift.audited(true);
    expect(drift.factor).toBeCloseTo(1.176, 12);
    for (let audit = 0; audit < 20; audit++) drift.audited(true);
    expect([drift.factor, drift.reason]).toEqual([1, null]);
    for (let audit = 0; audit < 12 * 20; audit++) drift.audited(false);
    expect(drift.isLost).toBe(true);
    expect(drift.reason).toMatch(/so often that exits were made \d+\.\d\d times as strict/);
  });

  it('forgets what is older than its window', () => {
    const drift = new DriftWatch({ mostLoss: 0.05, similarity: { mean: 0, deviation: 0 }, window: 40 });
    for (let audit = 0; audit < 2000; audit++) drift.audited(audit % 39 !== 0);
    expect(drift.factor).toBe(1);
  });

  it('tells a fall of the similarities from their spread', () => {
    const drift = watch();
    const draws = createRandom(5);
    for (let request = 0; request < 1000; request++) drift.saw(0.8 + 0.17 * (2 * draws.next() - 1));
    expect(drift.reason).toBeNull();
    for (let request = 0; request < 199; request++) drift.saw(Number.NaN);
    expect(drift.reason).toBeNull();
    for (let request = 0; request < 200; request++) drift.saw(0.7 + 0.17 * (2 * draws.next() - 1));
    expect(drift.reason).toMatch(/less similar/);
  });
});

describe('PendingFeatures', () => {
  it('hold so many, so long, the youngest', () => {
    const pending = new PendingFeatures(1, 3, 10);
    for (let request = 0; request < 5; request++)
      pending.keep(request, Float32Array.of(request), null, request);
    expect(pending.size).toBe(3);
    expect(pending.find(1, 4)).toBeNull();
    expect(pending.find(2, 4)?.feature[0]).toBe(2);
    expect(pending.find(2, 12.5)).toBeNull();
    pending.keep(3, Float32Array.of(30), 7, 5);
    expect([pending.size, pending.find(3, 5)?.feature[0], pending.find(3, 5)?.ownLabel]).toEqual([3, 30, 7]);
    pending.keep(9, Float32Array.of(9), null, 100);
    expect([pending.size, pending.find(9, 100)?.feature[0]]).toEqual([1, 9]);
  });
});

describe('saved centres', () => {
  const decisions = online({}, noAudits, {
    centres: known.centres.map(({ centre, ...row }) => ({
      ...row,
      centre: centre.map((value) => value / 3),
    })),
    factor: 1.2,
  });
  const text = saveCentres('cut a', 4, decisions.known());

  it('are the same after a restart, to the last bit', () => {
    const saved = readCentres(text, 'cut a', 4);
    if (saved.kind !== 'centres') throw new Error(saved.reason);
    const again = online({}, noAudits, saved.known);
    expect(again.centres.matrix.rows).toEqual(decisions.centres.matrix.rows);
    expect(again.centres.counts).toEqual(decisions.centres.counts);
    expect(again.drift.factor).toBe(1.2);
    expect(saveCentres('cut a', 4, again.known())).toBe(text);
  });

  it.each([
    ['cut b', 4],
    ['cut a', 5],
  ])('are not used for %s of %d channels', (cut, channels) => {
    expect(readCentres(text, cut, channels)).toEqual({
      kind: 'other',
      reason: expect.stringMatching(/learned at the cut 'cut a' of 4 channels.*they say nothing here/),
    });
  });

  it.each([
    ['{', /not JSON/],
    ['[]', /expected an object/],
    ['{}', /format is absent/],
    [text.replace('"count":10', '"count":-1'), /labels\[0\]\.count is -1/],
    [text.replace('"centre":[', '"centre":["a",'), /labels\[0\]\.centre/],
    [text.replace('"centre":[', '"centre":[0,'), /has 5 values, expected 4/],
    [text.replace('"factor":1.2', '"factor":0'), /factor is 0/],
  ])('are refused where they are %s', (broken, reason) => {
    const read = () => readCentres(broken, 'cut a', 4);
    expect(read).toThrow(InvalidInputError);
    expect(read).toThrow(reason);
  });
});

/** Frames of scenes that stay for `frames`; each label looks a little different in each scene. */
function exitRate(frames: number, draws: Random): number {
  const channels = 16;
  const decisions = new OnlineDecisions(
    channels,
    { ...thresholds, exitAbove: 0.1, labels: 4 },
    { centres: [] },
    { auditShare: 0, mostCount: 10 },
  );
  const looks = (): Float32Array => Float32Array.from({ length: channels }, () => draws.next());
  const plain = [0, 1, 2, 3].map(looks);
  let scene = plain;
  let left = 0;
  const count = 6000;
  for (let frame = 0; frame < count; frame++) {
    if (frame % frames === 0)
      scene = plain.map((own) => own.map((value) => value * 0.6 + 0.6 * draws.next()));
    const label = draws.integer(4);
    const feature = (scene[label] ?? looks()).map((value) => value + 0.03 * draws.next());
    if (decisions.decide(frame, feature, null, draws, frame).kind === 'leave') left++;
    decisions.answered(frame, label, frame);
  }
  return left / count;
}

it('lets more requests leave the longer a scene stays', () => {
  const rates = [5, 50, 500].map((frames) => exitRate(frames, createRandom(11)));
  const [low = 0, medium = 0, high = 0] = rates;
  expect(low).toBeLessThan(medium);
  expect(medium).toBeLessThan(high);
});
