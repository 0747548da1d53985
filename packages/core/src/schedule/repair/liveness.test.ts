import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Seconds, seconds } from '../../units.ts';
import {
  initialLiveness,
  type Liveness,
  type LivenessAction,
  type LivenessEvent,
  livenessLimits,
  stepLiveness,
} from './liveness.ts';

interface Moment {
  readonly at: number;
  readonly event: LivenessEvent;
}

/** Everything that is decided when these things happen, alarms included, with their times. */
function play(moments: readonly Moment[], until: number): { at: number; action: LivenessAction }[] {
  const state: Liveness = initialLiveness(livenessLimits, seconds(0));
  const decided: { at: number; action: LivenessAction }[] = [];
  let wakeAt: Seconds | null = seconds(0);
  const step = (event: LivenessEvent, at: number): void => {
    const { actions, wakeAt: next } = stepLiveness(state, event, seconds(at));
    for (const action of actions) decided.push({ at, action });
    wakeAt = next;
  };
  for (const { at, event } of [...moments, { at: until, event: null }]) {
    for (let due: Seconds | null = wakeAt; due !== null && due < at; due = wakeAt)
      step({ kind: 'tick' }, due);
    if (event !== null) step(event, at);
  }
  return decided;
}

const only = (
  decided: readonly { at: number; action: LivenessAction }[],
  ...kinds: LivenessAction['kind'][]
): [number, string][] =>
  decided.flatMap(({ at, action }) =>
    kinds.includes(action.kind) ? [[Math.round(at * 1000), action.kind]] : [],
  );

const heardEvery = (period: number, until: number): Moment[] =>
  Array.from({ length: Math.floor(until / period) }, (_, index) => ({
    at: (index + 1) * period,
    event: { kind: 'heard' },
  }));

describe('the life of a device', () => {
  it('is not asked for while it talks, and every heartbeat while it does not', () => {
    expect(only(play(heardEvery(0.05, 2), 2), 'ping', 'suspect')).toEqual([]);
    expect(only(play([], 0.35), 'ping').map(([at]) => at)).toEqual([100, 200, 300]);
  });

  it('is doubted within half a second of silence and lost when nobody answers a probe', () => {
    const probed: Moment = { at: 1.5, event: { kind: 'probed', answered: false } };
    expect(only(play([...heardEvery(0.1, 0.1), probed], 3), 'suspect', 'probe', 'lose')).toEqual([
      [500, 'suspect'],
      [500, 'probe'],
      [1500, 'lose'],
    ]);
  });

  it('ends at once with its connection', () => {
    expect(only(play([{ at: 0.02, event: { kind: 'closed' } }], 9), 'lose', 'probe')).toEqual([[20, 'lose']]);
  });

  it('goes on when a word or a probe says so, and next time has longer', () => {
    const spoke: Moment[] = [
      { at: 0.9, event: { kind: 'heard' } },
      { at: 1.0, event: { kind: 'probed', answered: false } },
    ];
    // 0.9 s of silence ended by themselves: the next suspicion comes after 1.35 s.
    expect(only(play(spoke, 2.3), 'suspect', 'trust', 'lose')).toEqual([
      [400, 'suspect'],
      [900, 'trust'],
      [2250, 'suspect'],
    ]);
    const answered: Moment = { at: 0.5, event: { kind: 'probed', answered: true } };
    expect(only(play([answered], 0.6), 'suspect', 'trust', 'lose')).toEqual([
      [400, 'suspect'],
      [500, 'trust'],
    ]);
  });

  it('is over when only new connections are answered', () => {
    const answers = [0.5, 1, 1.5].map((at): Moment => ({ at, event: { kind: 'probed', answered: true } }));
    expect(only(play(answers, 3), 'lose')).toEqual([[1500, 'lose']]);
  });

  it.each([
    { next: 'progressed', outcome: 'trust', at: 3000 },
    { next: 'heard', outcome: 'lose', at: 4000 },
  ] as const)('hangs on a stage that is late: $next', ({ next, outcome, at }) => {
    const talk = heardEvery(0.1, 6).filter((moment) => ![2, 3].includes(moment.at));
    const moments: Moment[] = [
      ...talk,
      { at: 2, event: { kind: 'overdue', seconds: 2 } },
      { at: 2.01, event: { kind: 'probed', answered: true } },
      { at: 3, event: { kind: next } },
    ];
    moments.sort((left, right) => left.at - right.at);
    expect(only(play(moments, 6), 'suspect', 'trust', 'lose')).toEqual([
      [2000, 'suspect'],
      [at, outcome],
    ]);
  });

  it('does not suffer for alarms that ring late', () => {
    const state = initialLiveness(livenessLimits, seconds(0));
    stepLiveness(state, { kind: 'heard' }, seconds(0));
    // This side stood still for 5 s; what the device said waits to be read.
    const { actions } = stepLiveness(state, { kind: 'tick' }, seconds(5));
    expect(actions.map(({ kind }) => kind)).not.toContain('suspect');
    const later = stepLiveness(state, { kind: 'heard' }, seconds(5.01));
    expect(later.actions).toEqual([]);
  });

  it('is never lost without a probe, a closed connection or a stage that is late twice', () => {
    const event = fc.constantFrom<LivenessEvent>({ kind: 'heard' }, { kind: 'accused' }, { kind: 'excused' });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.double({ min: 0, max: 2, noNaN: true }), event)), (steps) => {
        let at = 0;
        const moments = steps.map(([gap, what]): Moment => ({ at: (at += gap), event: what }));
        expect(only(play(moments, at + 20), 'lose')).toEqual([]);
      }),
    );
  });

  it('is doubted in the end whatever went before, when silence lasts', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.001, max: 3, noNaN: true })), (gaps) => {
        let at = 0;
        const moments = gaps.map((gap): Moment => ({ at: (at += gap), event: { kind: 'heard' } }));
        const answered = moments.map(({ at: time }): Moment => {
          return { at: time, event: { kind: 'probed', answered: true } };
        });
        const all = moments.flatMap((moment, index) => [moment, answered[index] ?? moment]);
        const suspicions = only(play(all, at + 11), 'suspect').map(([time]) => time);
        expect(suspicions.at(-1) ?? 0).toBeGreaterThanOrEqual(Math.round(at * 1000));
      }),
    );
  });
});
