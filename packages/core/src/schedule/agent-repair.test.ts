import { describe, expect, it } from 'vitest';
import { seconds } from '../units.ts';
import type { AgentAction, AgentEvent } from './agent-event.ts';
import type { AgentPlan } from './agent-plan.ts';
import { initialAgentState } from './agent-state.ts';
import { stepAgent } from './agent-step.ts';

/** Device b of a chain: h comes from a, i goes to c. */
const middle: AgentPlan = {
  version: 1,
  requestTimeoutSeconds: seconds(20),
  repair: { retain: true },
  stages: [{ stage: 1, inputs: ['h'], outputs: ['i'] }],
  arrivals: [{ tensor: 'h', from: 'a' }],
  departures: [{ tensor: 'i', to: ['c'] }],
};
const error = { name: 'ConnectionError', message: 'lost', remedy: 'wait' };
const arrived = (request: number, from = 'a'): AgentEvent => {
  return { kind: 'tensor-arrived', from, version: 1, request, ticket: request, tensor: 'h' };
};
const ran = (request: number): AgentEvent => {
  return { kind: 'stage-completed', stage: { version: 1, stage: 1, requests: [request] } };
};
const acknowledged = (request: number): AgentEvent => {
  return { kind: 'acknowledged', from: 'c', request, tensor: 'i' };
};
const released = (request: number): AgentEvent => ({ kind: 'released', from: 'c', request });
const frozen: AgentEvent = { kind: 'frozen', version: 1 };

/** The actions of the last event. */
function last(
  plan: AgentPlan,
  events: readonly (AgentEvent | readonly [AgentEvent, number])[],
): AgentAction[] {
  const state = initialAgentState();
  let actions: readonly AgentAction[] = stepAgent(state, { kind: 'deployed', plan }, seconds(0)).actions;
  for (const one of events) {
    const [event, at] = 'kind' in one ? [one, 0] : one;
    actions = stepAgent(state, event, seconds(at)).actions;
  }
  return [...actions];
}

const kinds = (actions: readonly AgentAction[]): string[] => actions.map(({ kind }) => kind);

describe('an agent whose plan can be repaired', () => {
  it('releases what it got when what it made is with others, and keeps that until it is released', () => {
    const events = [arrived(0), ran(0), acknowledged(0)];
    expect(last(middle, events)).toEqual([{ kind: 'release', to: 'a', version: 1, request: 0 }]);
    expect(kinds(last(middle, [...events, released(0)]))).toEqual(['drop', 'end']);
    const plain = { ...middle, repair: { retain: false } };
    expect(kinds(last(plain, events))).toEqual(['drop', 'end']);
  });

  it('says what it holds, once the stage that runs has ended, and starts nothing more', () => {
    const waits = [arrived(0), arrived(1), frozen];
    expect(last(middle, waits)).toEqual([]);
    const after = last(middle, [...waits, ran(0)]);
    expect(after.at(-1)).toEqual({
      kind: 'holding',
      version: 1,
      requests: [
        { request: 0, tensors: ['i'] },
        { request: 1, tensors: ['h'] },
      ],
    });
    expect(kinds(after)).not.toContain('execute');
    expect(last(middle, [frozen])).toEqual([{ kind: 'holding', version: 1, requests: [] }]);
  });

  it('counts what is acknowledged and not released among what it holds', () => {
    const [holding] = last(middle, [arrived(0), ran(0), acknowledged(0), frozen]);
    expect(holding).toEqual({ kind: 'holding', version: 1, requests: [{ request: 0, tensors: ['i'] }] });
  });

  it('fails no request that waits for a lost device, but says so', () => {
    const lost: AgentEvent = { kind: 'peer-lost', peer: 'c', error };
    expect(last(middle, [arrived(0), ran(0), lost])).toEqual([{ kind: 'accuse', peer: 'c', error }]);
    expect(last(middle, [arrived(0), ran(0), acknowledged(0), lost])).toHaveLength(1);
    expect(last(middle, [arrived(0), ran(0), acknowledged(0), released(0), lost])).toEqual([]);
    const { repair: _, ...plain } = middle;
    expect(kinds(last(plain, [arrived(0), ran(0), lost]))).toContain('fail');
  });

  it('goes on from a tensor of its own', () => {
    const own = { ...middle, arrivals: [{ tensor: 'h', from: 'b' }] };
    expect(kinds(last(own, [arrived(0, 'b')]))).toContain('execute');
  });

  it('ends what only rests at its deadline without a word', () => {
    const late = last(middle, [arrived(0), ran(0), acknowledged(0), [{ kind: 'tick' }, 21]]);
    expect(kinds(late)).toEqual(['drop', 'end']);
  });

  it('says when a stage has run for twice as long as it ever did, 2 s at least, and says it once', () => {
    const tick = (at: number): readonly [AgentEvent, number] => [{ kind: 'tick' }, at];
    const second = [arrived(0), [ran(0), 3] as const, [arrived(1), 3] as const];
    expect(last({ ...middle, requestTimeoutSeconds: null }, [...second, tick(8.9)])).toEqual([]);
    expect(last({ ...middle, requestTimeoutSeconds: null }, [...second, tick(9)])).toEqual([
      { kind: 'overdue', version: 1, stage: 1, seconds: 6 },
    ]);
    expect(last({ ...middle, requestTimeoutSeconds: null }, [...second, tick(9), tick(10)])).toEqual([]);
  });

  it('says so the first time, too, when a stage runs for twice its predicted 99th percentile', () => {
    const stages = middle.stages.map((stage) => ({ ...stage, p99Seconds: seconds(3) }));
    const predicted = { ...middle, stages, requestTimeoutSeconds: null };
    const tick = (at: number): readonly [AgentEvent, number] => [{ kind: 'tick' }, at];
    expect(last(predicted, [arrived(0), tick(5.9)])).toEqual([]);
    expect(last(predicted, [arrived(0), tick(6)])).toEqual([
      { kind: 'overdue', version: 1, stage: 1, seconds: 6 },
    ]);
  });
});
