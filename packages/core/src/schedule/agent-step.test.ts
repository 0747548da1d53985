import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Seconds, seconds } from '../units.ts';
import type { AgentAction, AgentEvent, RunningStage } from './agent-event.ts';
import type { AgentPlan, AgentStage } from './agent-plan.ts';
import { agentSnapshot } from './agent-snapshot.ts';
import { type AgentState, type AgentStateLimits, type AgentStep, initialAgentState } from './agent-state.ts';
import { stepAgent } from './agent-step.ts';

const head: AgentPlan = {
  version: 1,
  requestTimeoutSeconds: seconds(10),
  stages: [{ stage: 0, inputs: ['x'], outputs: ['h', 'k'] }],
  arrivals: [{ tensor: 'x', from: null }],
  departures: [
    { tensor: 'h', to: ['b', 'c'] },
    { tensor: 'k', to: ['b'] },
  ],
};

/** Runs stage 0, sends h away, and needs what comes back for stage 2: a to b to a. */
const bothEnds: AgentPlan = {
  version: 1,
  requestTimeoutSeconds: seconds(10),
  stages: [
    { stage: 0, inputs: ['x'], outputs: ['h', 'k'] },
    { stage: 2, inputs: ['k', 'i'], outputs: ['y'] },
  ],
  arrivals: [
    { tensor: 'x', from: null },
    { tensor: 'i', from: 'b' },
  ],
  departures: [
    { tensor: 'h', to: ['b'] },
    { tensor: 'y', to: [null] },
  ],
};

/** x is read twice here and forwarded: it may be handed over only once. */
const sharing: AgentPlan = {
  version: 1,
  requestTimeoutSeconds: seconds(10),
  stages: [
    { stage: 0, inputs: ['x'], outputs: ['p'] },
    { stage: 1, inputs: ['x', 'p'], outputs: ['y'] },
  ],
  arrivals: [{ tensor: 'x', from: 'z' }],
  departures: [
    { tensor: 'x', to: ['b'] },
    { tensor: 'y', to: [null] },
  ],
};

const onlyStage: AgentStage = { stage: 0, inputs: ['x'], outputs: ['h'] };

/** Room for one tensor on its way. */
const narrow: AgentPlan = {
  version: 1,
  requestTimeoutSeconds: seconds(10),
  queue: 1,
  stages: [onlyStage],
  arrivals: [{ tensor: 'x', from: null }],
  departures: [{ tensor: 'h', to: ['b'] }],
};

const odd = { period: 2, remainders: [1] };

const arrived = (
  tensor: string,
  from: string | null,
  request: number,
  version: number = 1,
  ticket: number = request - 1,
): AgentEvent => ({ kind: 'tensor-arrived', from, version, request, ticket, tensor });
const cancelled = (request: number): AgentEvent => ({
  kind: 'cancelled',
  version: 1,
  request,
  ticket: request - 1,
});
const running = (stage: number, request: number): RunningStage => ({
  version: 1,
  stage,
  requests: [request],
});
const completed = (stage: number, request: number): AgentEvent => ({
  kind: 'stage-completed',
  stage: running(stage, request),
});
const acknowledged = (tensor: string, from: string | null, request: number): AgentEvent => ({
  kind: 'acknowledged',
  from,
  request,
  tensor,
});
const error = { name: 'ExecutionError', message: 'broken', remedy: 'mend it' };

/** One line an action: what a person wants to see of it. */
function brief(action: AgentAction): string {
  switch (action.kind) {
    case 'keep':
    case 'drop':
      return `${action.kind} ${action.tensor} of ${action.request}`;
    case 'send':
      return `send ${action.tensor} of ${action.request} to ${action.to}`;
    case 'deliver':
      return `deliver ${action.tensor} of ${action.request}`;
    case 'acknowledge':
      return `acknowledge ${action.tensor} of ${action.request} to ${action.to ?? 'gateway'}`;
    case 'execute': {
      const runs = action.members.map(({ request, inputs }) => {
        const read = inputs.map(({ tensor, handOver }) => (handOver ? tensor : `copy of ${tensor}`));
        return `${request} on ${read.join(' + ')}`;
      });
      return `execute ${action.stage} of ${runs.join(', ')}`;
    }
    case 'blocked':
    case 'unblocked':
      return `${action.kind} ${action.stage}`;
    case 'release':
      return `release ${action.request} to ${action.to}`;
    case 'overdue':
      return `overdue ${action.stage}`;
    case 'holding':
      return `hold ${action.requests.map(({ request, tensors }) => `${tensors.join(' + ')} of ${request}`).join(', ')}`;
    case 'accuse':
      return `accuse ${action.peer ?? 'gateway'}`;
    case 'exit':
      return `exit ${action.request} at ${action.stage}`;
    case 'fail':
      return `fail ${action.request ?? 'all'} with ${action.error.name}`;
    case 'end':
      return `end ${action.request} ${action.outcome}`;
  }
}

type TimedEvent = AgentEvent | readonly [AgentEvent, number];

function play(
  plan: AgentPlan | null,
  events: readonly TimedEvent[],
  limits: Partial<AgentStateLimits> = {},
): { readonly log: string[]; readonly last: AgentStep } {
  const deployed: readonly TimedEvent[] = plan === null ? [] : [{ kind: 'deployed', plan }];
  const log: string[] = [];
  let last: AgentStep = { state: initialAgentState(limits), actions: [], wakeAt: null };
  for (const timed of [...deployed, ...events]) {
    const [event, now] = 'kind' in timed ? [timed, 0] : timed;
    last = stepAgent(last.state, event, seconds(now));
    log.push(...last.actions.map(brief));
  }
  return { log, last };
}

const table: readonly {
  readonly name: string;
  readonly plan: AgentPlan | null;
  readonly events: readonly TimedEvent[];
  readonly log: readonly string[];
  readonly limits?: Partial<AgentStateLimits>;
}[] = [
  {
    name: 'executes, sends to others first, and ends when all have acknowledged',
    plan: head,
    events: [
      arrived('x', null, 1),
      completed(0, 1),
      acknowledged('h', 'c', 1),
      acknowledged('k', 'b', 1),
      acknowledged('h', 'b', 1),
    ],
    log: [
      'keep x of 1',
      'execute 0 of 1 on x',
      'acknowledge x of 1 to gateway',
      'keep h of 1',
      'send h of 1 to b',
      'send h of 1 to c',
      'keep k of 1',
      'send k of 1 to b',
      'drop k of 1',
      'drop h of 1',
      'end 1 done',
    ],
  },
  {
    name: 'waits for what comes back, in any order',
    plan: bothEnds,
    events: [
      arrived('i', 'b', 1),
      arrived('x', null, 1),
      completed(0, 1),
      completed(2, 1),
      acknowledged('y', null, 1),
      acknowledged('h', 'b', 1),
    ],
    log: [
      'keep i of 1',
      'keep x of 1',
      'execute 0 of 1 on x',
      'acknowledge x of 1 to gateway',
      'keep h of 1',
      'send h of 1 to b',
      'keep k of 1',
      'execute 2 of 1 on k + i',
      'acknowledge i of 1 to b',
      'keep y of 1',
      'deliver y of 1',
      'drop y of 1',
      'drop h of 1',
      'end 1 done',
    ],
  },
  {
    name: 'copies a tensor for all but its last use',
    plan: sharing,
    events: [
      arrived('x', 'z', 1),
      acknowledged('x', 'b', 1),
      completed(0, 1),
      completed(1, 1),
      acknowledged('y', null, 1),
    ],
    log: [
      'keep x of 1',
      'send x of 1 to b',
      'execute 0 of 1 on copy of x',
      'keep p of 1',
      'execute 1 of 1 on x + p',
      'acknowledge x of 1 to z',
      'keep y of 1',
      'deliver y of 1',
      'drop y of 1',
      'end 1 done',
    ],
  },
  {
    name: 'runs one stage at a time, lowest request first',
    plan: head,
    events: [arrived('x', null, 1), arrived('x', null, 3), arrived('x', null, 2), completed(0, 1)],
    log: [
      'keep x of 1',
      'execute 0 of 1 on x',
      'acknowledge x of 1 to gateway',
      'keep x of 3',
      'keep x of 2',
      'keep h of 1',
      'send h of 1 to b',
      'send h of 1 to c',
      'keep k of 1',
      'send k of 1 to b',
      'execute 0 of 2 on x',
      'acknowledge x of 2 to gateway',
    ],
  },
  {
    name: 'ignores what comes twice, and what comes after the end',
    plan: head,
    events: [
      arrived('x', null, 1),
      arrived('x', null, 1),
      completed(0, 1),
      completed(0, 1),
      acknowledged('k', 'b', 1),
      acknowledged('k', 'b', 1),
      acknowledged('k', 'nobody', 1),
      cancelled(1),
      arrived('x', null, 1),
      acknowledged('h', 'b', 1),
    ],
    log: [
      'keep x of 1',
      'execute 0 of 1 on x',
      'acknowledge x of 1 to gateway',
      'keep h of 1',
      'send h of 1 to b',
      'send h of 1 to c',
      'keep k of 1',
      'send k of 1 to b',
      'drop k of 1',
      'drop h of 1',
      'end 1 cancelled',
    ],
  },
  {
    name: 'stays busy until a cancelled stage reports',
    plan: head,
    events: [
      arrived('x', null, 1),
      arrived('x', null, 2),
      cancelled(1),
      { kind: 'stage-failed', stage: running(0, 1), error },
    ],
    log: [
      'keep x of 1',
      'execute 0 of 1 on x',
      'acknowledge x of 1 to gateway',
      'keep x of 2',
      'end 1 cancelled',
      'execute 0 of 2 on x',
      'acknowledge x of 2 to gateway',
    ],
  },
  {
    name: 'forgets a request that was cancelled before it came',
    plan: head,
    events: [cancelled(4), arrived('x', null, 4)],
    log: [],
  },
  {
    name: 'fails the request of a stage that fails',
    plan: bothEnds,
    events: [
      arrived('i', 'b', 1),
      arrived('x', null, 1),
      { kind: 'stage-failed', stage: running(0, 1), error },
    ],
    log: [
      'keep i of 1',
      'keep x of 1',
      'execute 0 of 1 on x',
      'acknowledge x of 1 to gateway',
      'drop i of 1',
      'fail 1 with ExecutionError',
      'end 1 failed',
    ],
  },
  {
    name: 'fails what depends on a lost peer, and nothing else',
    plan: bothEnds,
    events: [
      arrived('x', null, 1),
      arrived('i', 'b', 2),
      { kind: 'peer-lost', peer: 'c', error },
      { kind: 'peer-lost', peer: 'b', error },
    ],
    log: [
      'keep x of 1',
      'execute 0 of 1 on x',
      'acknowledge x of 1 to gateway',
      'keep i of 2',
      'fail 1 with ExecutionError',
      'end 1 failed',
    ],
  },
  {
    name: 'fails a request at its deadline, and not before',
    plan: bothEnds,
    events: [
      [arrived('i', 'b', 1), 5],
      [{ kind: 'tick' }, 14.9],
      [{ kind: 'tick' }, 15],
    ],
    log: ['keep i of 1', 'drop i of 1', 'fail 1 with DeadlineError', 'end 1 failed'],
  },
  {
    name: 'takes no more requests than its limit',
    plan: bothEnds,
    limits: { requests: 2 },
    events: [arrived('i', 'b', 1), arrived('i', 'b', 2), arrived('i', 'b', 3), arrived('x', null, 3)],
    log: ['keep i of 1', 'keep i of 2', 'fail 3 with ResourceError'],
  },
  {
    name: 'refuses a tensor of a plan that is not deployed',
    plan: null,
    events: [arrived('x', null, 1)],
    log: ['fail 1 with RefusedError'],
  },
  {
    name: 'refuses a tensor from the wrong party, of another version, and one that nobody expects',
    plan: bothEnds,
    events: [arrived('x', 'b', 1), arrived('i', 'b', 2), arrived('x', null, 2, 8), arrived('y', 'b', 3)],
    log: [
      'fail 1 with ProtocolError',
      'keep i of 2',
      'fail 2 with RefusedError',
      'fail 3 with ProtocolError',
    ],
  },
  {
    name: 'lets no lie about a request end it',
    plan: bothEnds,
    events: [arrived('x', null, 1, 9), arrived('y', 'b', 1), arrived('i', 'b', 1), arrived('i', 'c', 1)],
    log: [
      'fail 1 with RefusedError',
      'fail 1 with ProtocolError',
      'keep i of 1',
      'fail 1 with ProtocolError',
    ],
  },
  {
    name: 'refuses a version that is deployed already, and more versions than its limit',
    plan: head,
    limits: { plans: 2 },
    events: [
      { kind: 'deployed', plan: head },
      { kind: 'deployed', plan: { ...head, version: 2 } },
      { kind: 'deployed', plan: { ...head, version: 3 } },
    ],
    log: ['fail all with RefusedError', 'fail all with ResourceError'],
  },
  {
    name: 'fails what is in flight under a plan that is withdrawn',
    plan: bothEnds,
    events: [arrived('i', 'b', 1), { kind: 'withdrawn', version: 1 }, arrived('i', 'b', 2)],
    log: [
      'keep i of 1',
      'drop i of 1',
      'fail 1 with RefusedError',
      'end 1 failed',
      'fail 2 with RefusedError',
    ],
  },
  {
    name: 'starts nothing more of a stage whose outputs find no room, until there is room',
    plan: narrow,
    events: [
      ...[1, 2, 3].map((request) => arrived('x', null, request)),
      completed(0, 1),
      completed(0, 2),
      acknowledged('h', 'b', 1),
    ],
    log: [
      'keep x of 1',
      'execute 0 of 1 on x',
      'acknowledge x of 1 to gateway',
      'keep x of 2',
      'keep x of 3',
      'keep h of 1',
      'send h of 1 to b',
      'execute 0 of 2 on x',
      'acknowledge x of 2 to gateway',
      'keep h of 2',
      'blocked 0',
      'unblocked 0',
      'send h of 2 to b',
      'drop h of 1',
      'end 1 done',
      'execute 0 of 3 on x',
      'acknowledge x of 3 to gateway',
    ],
  },
  {
    name: 'gives the credit of a request that ends to the next',
    plan: narrow,
    events: [arrived('x', null, 1), arrived('x', null, 2), completed(0, 1), completed(0, 2), cancelled(1)],
    log: [
      'keep x of 1',
      'execute 0 of 1 on x',
      'acknowledge x of 1 to gateway',
      'keep x of 2',
      'keep h of 1',
      'send h of 1 to b',
      'execute 0 of 2 on x',
      'acknowledge x of 2 to gateway',
      'keep h of 2',
      'blocked 0',
      'drop h of 1',
      'end 1 cancelled',
      'unblocked 0',
      'send h of 2 to b',
    ],
  },
  {
    name: 'waits for a ticket that comes late, and passes over one that ended',
    plan: narrow,
    events: [arrived('x', null, 3), cancelled(2), arrived('x', null, 1), completed(0, 1)],
    log: [
      'keep x of 3',
      'keep x of 1',
      'execute 0 of 1 on x',
      'acknowledge x of 1 to gateway',
      'keep h of 1',
      'send h of 1 to b',
      'execute 0 of 3 on x',
      'acknowledge x of 3 to gateway',
    ],
  },
  {
    name: 'executes tickets together once enough are here, or when the first has waited long enough',
    plan: { ...narrow, queue: 8, stages: [{ ...onlyStage, batch: 2, batchWaitSeconds: seconds(3) }] },
    events: [
      arrived('x', null, 1),
      arrived('x', null, 2),
      { kind: 'stage-completed', stage: { version: 1, stage: 0, requests: [1, 2] } },
      [arrived('x', null, 3), 4],
      [{ kind: 'tick' }, 6.9],
      [{ kind: 'tick' }, 7],
    ],
    log: [
      'keep x of 1',
      'keep x of 2',
      'execute 0 of 1 on x, 2 on x',
      'acknowledge x of 1 to gateway',
      'acknowledge x of 2 to gateway',
      'keep h of 1',
      'send h of 1 to b',
      'keep h of 2',
      'send h of 2 to b',
      'keep x of 3',
      'execute 0 of 3 on x',
      'acknowledge x of 3 to gateway',
    ],
  },
  {
    name: 'executes only its own tickets where it shares a stage, and refuses the tensors of others',
    plan: {
      ...narrow,
      stages: [{ ...onlyStage, share: odd }],
      arrivals: [{ tensor: 'x', from: null, share: odd }],
    },
    events: [arrived('x', null, 1), arrived('x', null, 2)],
    log: ['fail 1 with ProtocolError', 'keep x of 2', 'execute 0 of 2 on x', 'acknowledge x of 2 to gateway'],
  },
  {
    name: 'drops everything of a request that a stage has answered',
    plan: bothEnds,
    events: [
      arrived('i', 'b', 1),
      arrived('x', null, 1),
      { kind: 'stage-completed', stage: running(0, 1), exits: [1] },
      arrived('x', null, 1),
    ],
    log: [
      'keep i of 1',
      'keep x of 1',
      'execute 0 of 1 on x',
      'acknowledge x of 1 to gateway',
      'drop i of 1',
      'exit 1 at 0',
      'end 1 exited',
    ],
  },
  {
    name: 'refuses another request under a ticket that is taken',
    plan: bothEnds,
    events: [arrived('i', 'b', 1), arrived('x', null, 9, 1, 0)],
    log: ['keep i of 1', 'fail 9 with ProtocolError'],
  },
];

describe('the schedule of an agent', () => {
  it.each(table)('$name', ({ plan, events, log, limits }) => {
    expect(play(plan, events, limits).log).toEqual(log);
  });

  it('wants to be woken at the earliest deadline', () => {
    const { last } = play(bothEnds, [
      [arrived('i', 'b', 1), 3],
      [arrived('i', 'b', 2), 4],
    ]);
    expect(last.wakeAt).toBe(13);
  });

  it('has a snapshot that is plain data', () => {
    const { last } = play(sharing, [arrived('x', 'z', 1)]);
    const snapshot = agentSnapshot(last.state);
    expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
    expect(snapshot.plans[0]?.requests).toEqual([
      { request: 1, ticket: 0, deadline: 10, held: ['x'], missing: [-2, 1] },
    ]);
  });
});

const parties = ['b', 'c', 'z', null];
const tensors = ['x', 'h', 'k', 'i', 'p', 'y'];
const anyRequest = fc.integer({ min: 1, max: 5 });

const anyEvent: fc.Arbitrary<AgentEvent> = fc.oneof(
  { weight: 6, arbitrary: anyArrival() },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('acknowledged' as const),
      from: fc.constantFrom(...parties),
      request: anyRequest,
      tensor: fc.constantFrom(...tensors),
    }),
  },
  anyRequest.map(cancelled),
  fc.record({
    kind: fc.constant('peer-lost' as const),
    peer: fc.constantFrom(...parties),
    error: fc.constant(error),
  }),
  fc.record({
    kind: fc.constant('deployed' as const),
    plan: fc.constantFrom(head, bothEnds, sharing).map((plan) => ({ ...plan, version: 2 })),
  }),
  fc.record({ kind: fc.constant('withdrawn' as const), version: fc.integer({ min: 1, max: 2 }) }),
  fc.constant<AgentEvent>({ kind: 'tick' }),
);

function anyArrival(): fc.Arbitrary<AgentEvent> {
  return fc
    .tuple(
      fc.constantFrom(...tensors),
      fc.constantFrom(...parties),
      anyRequest,
      fc.constantFrom(1, 1, 1, 2, 3),
    )
    .map((fields) => arrived(...fields));
}

/** Events, whether the running stage ends before each (and how), and the time that passes. */
const anyHistory = fc.record({
  plan: fc.constantFrom(head, bothEnds, sharing),
  moves: fc.array(
    fc.record({
      event: anyEvent,
      stage: fc.constantFrom('runs', 'completes', 'fails'),
      passes: fc.constantFrom(0, 0, 0, 1, 6),
    }),
    { maxLength: 60 },
  ),
});
type History = typeof anyHistory extends fc.Arbitrary<infer Value> ? Value : never;

function replay({ plan, moves }: History): { readonly sizes: number[]; readonly actions: AgentAction[] } {
  const sizes: number[] = [];
  const actions: AgentAction[] = [];
  let now = 0;
  let state: AgentState = initialAgentState({ requests: 3 });
  const feed = (event: AgentEvent): void => {
    const next = stepAgent(state, event, now as Seconds);
    sizes.push(next.state.requests.size);
    actions.push(...next.actions);
    state = next.state;
  };
  feed({ kind: 'deployed', plan });
  for (const { event, stage, passes } of moves) {
    now += passes;
    const { running } = state;
    if (running !== null && stage === 'completes') feed({ kind: 'stage-completed', stage: running });
    if (running !== null && stage === 'fails') feed({ kind: 'stage-failed', stage: running, error });
    feed(event);
  }
  now += 100;
  feed({ kind: 'tick' });
  return { sizes, actions };
}

const ascending = (left: number, right: number): number => left - right;

describe('laws of the schedule', () => {
  const check = (law: (history: History) => void): void =>
    fc.assert(fc.property(anyHistory, law), { seed: 20260711, numRuns: 400 });

  it('the same events give the same actions', () => {
    check((history) => {
      expect(replay(history)).toEqual(replay(history));
    });
  });

  it('every request that keeps a tensor ends exactly once', () => {
    check((history) => {
      const { actions } = replay(history);
      const kept = new Set(actions.flatMap((action) => (action.kind === 'keep' ? [action.request] : [])));
      const ended = actions.flatMap((action) => (action.kind === 'end' ? [action.request] : []));
      expect(ended.toSorted(ascending)).toEqual([...kept].toSorted(ascending));
    });
  });

  it('every kept tensor is dropped or handed over exactly once', () => {
    check((history) => {
      const held = new Set<string>();
      for (const action of replay(history).actions) {
        if (action.kind === 'keep') {
          expect(held.has(`${action.request} ${action.tensor}`)).toBe(false);
          held.add(`${action.request} ${action.tensor}`);
        }
        if (action.kind === 'drop') expect(held.delete(`${action.request} ${action.tensor}`)).toBe(true);
        if (action.kind === 'execute') {
          const read = action.members.flatMap(({ request, inputs }) =>
            inputs.map((input) => ({ ...input, name: `${request} ${input.tensor}` })),
          );
          for (const { name, handOver } of read) {
            expect(held.has(name)).toBe(true);
            if (handOver) held.delete(name);
          }
        }
      }
      expect([...held]).toEqual([]);
    });
  });

  it('never holds more requests than its limit, and runs no stage of a request twice', () => {
    check((history) => {
      const { sizes, actions } = replay(history);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(3);
      const ran = actions.flatMap((action) =>
        action.kind === 'execute' ? action.members.map(({ request }) => `${request} ${action.stage}`) : [],
      );
      expect(new Set(ran).size).toBe(ran.length);
    });
  });
});
