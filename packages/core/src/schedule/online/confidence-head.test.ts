import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../errors.ts';
import { createRandom } from '../../random.ts';
import { ConfidenceHead, type LinearHead } from './confidence-head.ts';

const random = createRandom(1);
/** Scores: 4a, 4b and 1, of labels 7, 3 and 5. */
const head: LinearHead = {
  channels: 2,
  labels: [7, 3, 5],
  weights: Float32Array.of(4, 0, 0, 0, 4, 0, 0, 0, 1),
  exitAbove: 0.9,
  offlineBits: 6,
};

const decide = (own: Partial<LinearHead>, ...feature: number[]) =>
  new ConfidenceHead({ ...head, ...own }, { auditShare: 0 }).decide(
    1,
    Float32Array.from(feature),
    null,
    random,
    0,
  );

describe('ConfidenceHead', () => {
  it.each([
    ['a', [1, 0], 'leave', 7],
    ['b', [0, 2], 'leave', 3],
    ['both', [1, 1], 'send', 7],
    ['neither', [0, 0], 'send', 5],
  ] as const)('decides on %s', (_what, feature, kind, label) => {
    const [first, second] = feature;
    const scores = [4 * first, 4 * second, 1].map((score) => Math.exp(score));
    const value = Math.max(...scores) / scores.reduce((sum, score) => sum + score, 0);
    const decision = decide({}, ...feature);
    expect(decision).toMatchObject({ kind, label, bits: 6, isAudit: false });
    expect(decision.separability).toBeCloseTo(value, 12);
  });

  it('lets nothing leave without a threshold, or what is not finite', () => {
    expect(decide({ exitAbove: null }, 9, 0).kind).toBe('send');
    expect(new ConfidenceHead({ ...head, exitAbove: null }).exitsOff).toMatch(/Exits are off/);
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY])
      expect(decide({ exitAbove: 0 }, value, 0)).toMatchObject({
        kind: 'send',
        label: null,
        separability: 0,
      });
  });

  it('audits some of what could leave, is stricter where the server disagrees, and ends with exits off', () => {
    const own = new ConfidenceHead(head, { auditShare: 1 });
    const sure = Float32Array.of(9, 0);
    const ask = (request: number) => own.decide(request, sure, null, random, 0);
    for (let request = 0; request < 100; request++) {
      expect(ask(request)).toMatchObject({ kind: 'send', label: 7, isAudit: true });
      expect(own.answered(request, 7)).toBe(false);
    }
    expect([own.drift.factor, own.recalibrate, own.exitsOff]).toEqual([1, null, null]);
    for (let request = 0; request < 20; request++) {
      ask(request);
      own.answered(request, 3);
    }
    expect(own.drift.factor).toBeGreaterThan(1);
    expect(own.recalibrate).toMatch(/times as strict/);
    for (let request = 0; request < 1000; request++) {
      ask(request);
      own.answered(request, 3);
    }
    expect(own.exitsOff).toMatch(/off until the head is fitted anew/);
    expect(ask(0)).toMatchObject({ kind: 'send', isAudit: false });
  });

  it('goes on as strict as it was', () => {
    const own = new ConfidenceHead(head, { auditShare: 1 });
    for (let request = 0; request < 60; request++) {
      own.decide(request, Float32Array.of(9, 0), null, random, 0);
      own.answered(request, 3);
    }
    const known = own.known();
    expect(known.centres).toEqual([]);
    expect(known.factor).toBeGreaterThan(1.2);
    const { factor = 1 } = known;
    const again = new ConfidenceHead(head, { auditShare: 0, factor });
    const value = own.decide(0, Float32Array.of(0.5, 0), null, random, 0).separability;
    const strict = (exitAbove: number, by: number): string =>
      new ConfidenceHead({ ...head, exitAbove }, { auditShare: 0, factor: by }).decide(
        0,
        Float32Array.of(0.5, 0),
        null,
        random,
        0,
      ).kind;
    expect(again.known()).toEqual(known);
    expect([strict(value - 1e-6, 1), strict(value - 1e-6, factor)]).toEqual(['leave', 'send']);
  });

  it('counts no audit whose request ended, or that was answered twice', () => {
    const own = new ConfidenceHead(head, { auditShare: 1, mostLoss: 0 });
    for (let request = 0; request < 100; request++) {
      own.decide(request, Float32Array.of(9, 0), null, random, 0);
      own.forget(request);
      own.answered(request, 3);
    }
    expect(own.drift.factor).toBe(1);
  });

  it('refuses weights of another size', () => {
    expect(() => new ConfidenceHead({ ...head, weights: Float32Array.of(1) })).toThrow(InvalidInputError);
  });
});
