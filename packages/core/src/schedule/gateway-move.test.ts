import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seconds } from '../units.ts';
import type { GatewayAction, GatewayEvent } from './gateway-event.ts';
import type { GatewayPlan } from './gateway-plan.ts';
import { initialGatewayState } from './gateway-state.ts';
import { stepGateway } from './gateway-step.ts';

const error = { name: 'ConnectionError', message: 'lost', remedy: 'wait' };
const plan = (version: number, more: Partial<GatewayPlan> = {}): GatewayPlan => ({
  version,
  requestTimeoutSeconds: null,
  window: 2,
  ordered: true,
  repairable: true,
  inputs: [{ tensor: 'x', to: `a${version}` }],
  outputs: [{ tensor: 'y', from: `b${version}` }],
  devices: [`a${version}`, `b${version}`],
  ...more,
});

function play(events: readonly GatewayEvent[]): GatewayAction[] {
  const state = initialGatewayState();
  return events.flatMap((event, at) => [...stepGateway(state, event, seconds(at)).actions]);
}

const submitted = (request: number, version = 1): GatewayEvent => ({ kind: 'submitted', version, request });
const lost: GatewayEvent = { kind: 'peer-lost', peer: 'b1', error };
const moved = (request: number, as: number, version = 2): GatewayEvent => {
  return { kind: 'moved', request, as, version };
};
const output = (request: number, version: number): GatewayEvent => {
  return { kind: 'output-arrived', from: `b${version}`, version, request, tensor: 'y' };
};
const of = (actions: readonly GatewayAction[], ...kinds: GatewayAction['kind'][]): unknown[] =>
  actions.filter(({ kind }) => kinds.includes(kind));

describe('requests that are moved', () => {
  it('are adopted first, then their former devices are told', () => {
    const second = plan(2, { inputs: [], adoptions: [{ tensor: 'h', to: 'a1' }], follows: 1 });
    const actions = play([
      { kind: 'deployed', plan: plan(1) },
      submitted(1),
      lost,
      { kind: 'deployed', plan: second },
      moved(1, 9),
    ]);
    expect(actions.slice(2)).toEqual([
      { kind: 'admit', version: 2, request: 9, ticket: 0 },
      { kind: 'adopt', to: 'a1', version: 2, request: 9, ticket: 0, tensor: 'h', formerly: 1 },
      { kind: 'tell-ended', to: ['a1', 'b1'], version: 1, request: 1, ticket: 0 },
    ]);
  });

  it('take no answer to their former number, and one to their own', () => {
    const actions = play([
      { kind: 'deployed', plan: plan(1) },
      submitted(1),
      lost,
      { kind: 'deployed', plan: plan(2, { follows: 1 }) },
      moved(1, 9),
      output(1, 1),
      output(9, 1),
      { kind: 'failed', version: 1, request: 1, error },
      output(9, 2),
      output(9, 2),
    ]);
    expect(of(actions, 'answer', 'fail')).toEqual([{ kind: 'answer', version: 2, request: 9 }]);
  });

  it('keep their place in the order of answers, across versions', () => {
    const actions = play([
      { kind: 'deployed', plan: plan(1) },
      submitted(1),
      submitted(2),
      submitted(3),
      lost,
      { kind: 'deployed', plan: plan(2, { follows: 1 }) },
      { kind: 'deployed', plan: plan(3, { follows: 1 }) },
      moved(1, 11, 3),
      moved(2, 12, 2),
      moved(3, 13, 2),
      { kind: 'withdrawn', version: 1 },
      output(13, 2),
      output(12, 2),
      output(11, 3),
    ]);
    expect(of(actions, 'answer').map((action) => (action as { request: number }).request)).toEqual([
      11, 12, 13,
    ]);
  });

  it('wait while their version is suspended, and fail when it is abandoned', () => {
    const actions = play([
      { kind: 'deployed', plan: plan(1) },
      lost,
      submitted(1),
      submitted(2),
      { kind: 'abandoned', version: 1, error },
      submitted(3),
    ]);
    expect(of(actions, 'admit')).toEqual([]);
    expect(of(actions, 'fail')).toHaveLength(3);
  });

  it('end once each, whatever happens in between', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('submit' as const) }),
      fc.record({ kind: fc.constant('repair' as const) }),
      fc.record({ kind: fc.constant('output' as const), at: fc.nat(20) }),
      fc.record({ kind: fc.constant('stale' as const), at: fc.nat(20) }),
      fc.record({ kind: fc.constant('cancel' as const), at: fc.nat(20) }),
      fc.record({ kind: fc.constant('fail' as const), at: fc.nat(20) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const world = new World();
        for (const one of steps) world.step(one);
        world.finish();
        expect(world.ends.size).toBe(world.submitted);
        for (const count of world.ends.values()) expect(count).toBe(1);
      }),
      { seed: 20261121, numRuns: 2000 },
    );
  });
});

type Step = { readonly kind: 'submit' | 'repair' } | { readonly kind: string; readonly at: number };

/** A gateway that loses a device again and again, and what became of each request. */
class World {
  readonly #state = initialGatewayState();
  /** By their present number, the first. */
  readonly #open: Map<number, number> = new Map();
  readonly #former: number[] = [];
  readonly ends: Map<number, number> = new Map();
  submitted = 0;
  #version = 1;
  #number = 0;

  constructor() {
    this.#do({ kind: 'deployed', plan: plan(1) });
  }

  step(step: Step): void {
    if (step.kind === 'submit') {
      const request = ++this.#number;
      this.submitted++;
      this.#open.set(request, request);
      this.#do(submitted(request, this.#version));
    } else if (step.kind === 'repair') this.#repair();
    else if ('at' in step) this.#about(step.kind, step.at);
  }

  finish(): void {
    for (let turn = 0; turn < 100 && this.#open.size > 0; turn++)
      for (const request of Array.from(this.#open.keys())) this.#do(output(request, this.#version));
  }

  #about(kind: string, at: number): void {
    if (kind === 'stale') {
      const request = this.#former[at % Math.max(1, this.#former.length)] ?? 0;
      this.#do(output(request, this.#version));
      return this.#do({ kind: 'failed', version: this.#version, request, error });
    }
    const request = [...this.#open.keys()][at % Math.max(1, this.#open.size)] ?? 0;
    if (kind === 'output') this.#do(output(request, this.#version));
    else if (kind === 'cancel') this.#do({ kind: 'cancelled', request });
    else this.#do({ kind: 'failed', version: this.#version, request, error });
  }

  #repair(): void {
    const old = this.#version++;
    this.#do({ kind: 'peer-lost', peer: `b${old}`, error });
    this.#do({ kind: 'deployed', plan: plan(this.#version, { follows: old }) });
    for (const [request, first] of Array.from(this.#open)) {
      const as = ++this.#number;
      this.#open.delete(request);
      this.#open.set(as, first);
      this.#former.push(request);
      this.#do({ kind: 'moved', request, as, version: this.#version });
    }
    this.#do({ kind: 'withdrawn', version: old });
  }

  #do(event: GatewayEvent): void {
    for (const action of stepGateway(this.#state, event, seconds(0)).actions) {
      if (action.kind !== 'answer' && action.kind !== 'fail') continue;
      const first = this.#open.get(action.request) ?? -1;
      this.ends.set(first, (this.ends.get(first) ?? 0) + 1);
      this.#open.delete(action.request);
      if (action.kind === 'answer') this.#do({ kind: 'taken', request: action.request });
    }
  }
}
