import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seconds } from '../units.ts';
import type { GatewayAction, GatewayEvent } from './gateway-event.ts';
import type { GatewayPlan } from './gateway-plan.ts';
import { type GatewayStep, initialGatewayState } from './gateway-state.ts';
import { stepGateway } from './gateway-step.ts';

const plan: GatewayPlan = {
  version: 1,
  requestTimeoutSeconds: seconds(10),
  window: 2,
  waiting: 1,
  queue: 1,
  inputs: [{ tensor: 'x', to: 'a' }],
  outputs: [{ tensor: 'y', from: 'b' }],
  devices: ['a', 'b'],
};
const ordered: GatewayPlan = { ...plan, ordered: true };

const error = { name: 'ExecutionError', message: 'broken', remedy: 'mend it' };
const submitted = (request: number): GatewayEvent => ({ kind: 'submitted', version: 1, request });
const important = (request: number): GatewayEvent => ({
  kind: 'submitted',
  version: 1,
  request,
  priority: 5,
});
const output = (request: number): GatewayEvent => ({
  kind: 'output-arrived',
  from: 'b',
  version: 1,
  request,
  tensor: 'y',
});
const acknowledged = (request: number): GatewayEvent => ({
  kind: 'acknowledged',
  from: 'a',
  request,
  tensor: 'x',
});
const taken = (request: number): GatewayEvent => ({ kind: 'taken', request });
const cancelled = (request: number): GatewayEvent => ({ kind: 'cancelled', request });
const failed = (request: number): GatewayEvent => ({ kind: 'failed', version: 1, request, error });
const exited = (request: number): GatewayEvent => ({ kind: 'exited', version: 1, request });

/** One line an action; what concerns the trace alone is left out. */
function brief(action: GatewayAction): string[] {
  switch (action.kind) {
    case 'admit':
      return [`admit ${action.request} as ${action.ticket}`];
    case 'send':
      return [`send ${action.tensor} of ${action.request} to ${action.to}`];
    case 'adopt':
      return [`have ${action.to} adopt ${action.tensor} of ${action.formerly} for ${action.request}`];
    case 'tell-ended':
      return [`tell ${action.to.join('+')} that ${action.request} ended`];
    case 'answer':
      return [`answer ${action.request}`];
    case 'fail':
      return [`fail ${action.request} with ${action.error.name}`];
    case 'acknowledge':
    case 'complete':
      return [];
  }
}

type TimedEvent = GatewayEvent | readonly [GatewayEvent, number];

function play(
  deployed: GatewayPlan,
  events: readonly TimedEvent[],
): { readonly log: string[]; readonly last: GatewayStep } {
  const log: string[] = [];
  const state = initialGatewayState();
  let last: GatewayStep = stepGateway(state, { kind: 'deployed', plan: deployed }, seconds(0));
  for (const timed of events) {
    const [event, now] = 'kind' in timed ? [timed, 0] : timed;
    last = stepGateway(state, event, seconds(now));
    log.push(...last.actions.flatMap(brief));
  }
  return { log, last };
}

const table: readonly {
  readonly name: string;
  readonly plan: GatewayPlan;
  readonly events: readonly TimedEvent[];
  readonly log: readonly string[];
}[] = [
  {
    name: 'sends the next input when the one before is acknowledged',
    plan,
    events: [submitted(5), submitted(6), acknowledged(5)],
    log: ['admit 5 as 0', 'send x of 5 to a', 'admit 6 as 1', 'send x of 6 to a'],
  },
  {
    name: 'admits as many as the window, has as many wait, and refuses the next',
    plan,
    events: [submitted(1), submitted(2), submitted(3), submitted(4), output(1), taken(1)],
    log: [
      'admit 1 as 0',
      'send x of 1 to a',
      'admit 2 as 1',
      'fail 4 with ResourceError',
      // The answer counts as in flight until it is taken; what request 1 still owed is given back with its answer.
      'send x of 2 to a',
      'answer 1',
      'admit 3 as 2',
    ],
  },
  {
    name: 'hands answers out as they come',
    plan,
    events: [submitted(1), submitted(2), output(2), output(1)],
    log: ['admit 1 as 0', 'send x of 1 to a', 'admit 2 as 1', 'answer 2', 'answer 1'],
  },
  {
    name: 'hands answers out in order where that is asked for',
    plan: ordered,
    events: [submitted(1), submitted(2), output(2), output(1)],
    log: ['admit 1 as 0', 'send x of 1 to a', 'admit 2 as 1', 'answer 1', 'answer 2'],
  },
  {
    name: 'does not wait in order for a request that failed',
    plan: ordered,
    events: [submitted(1), submitted(2), acknowledged(1), output(2), failed(1)],
    log: [
      'admit 1 as 0',
      'send x of 1 to a',
      'admit 2 as 1',
      'send x of 2 to a',
      'tell a+b that 1 ended',
      'fail 1 with ExecutionError',
      'answer 2',
    ],
  },
  {
    name: 'tells devices of a request that is cancelled, and its credit goes to the next',
    plan,
    events: [submitted(1), submitted(2), submitted(3), cancelled(3), cancelled(1), output(1)],
    log: [
      'admit 1 as 0',
      'send x of 1 to a',
      'admit 2 as 1',
      'fail 3 with CancelledError',
      'tell a+b that 1 ended',
      'send x of 2 to a',
      'fail 1 with CancelledError',
    ],
  },
  {
    name: 'answers what exits early and tells the devices behind',
    plan,
    events: [submitted(1), exited(1)],
    log: ['admit 1 as 0', 'send x of 1 to a', 'tell a+b that 1 ended', 'answer 1'],
  },
  {
    name: 'fails at the deadline whether it waits or is in flight, but not what is complete',
    plan,
    events: [submitted(1), submitted(2), submitted(3), output(1), [{ kind: 'tick' }, 10]],
    log: [
      'admit 1 as 0',
      'send x of 1 to a',
      'admit 2 as 1',
      'send x of 2 to a',
      'answer 1',
      'tell a+b that 2 ended',
      'fail 2 with DeadlineError',
      'admit 3 as 2',
      'send x of 3 to a',
      'tell a+b that 3 ended',
      'fail 3 with DeadlineError',
    ],
  },
  {
    name: 'admits the most important first, and sheds the last of the least important for it',
    plan: { ...plan, window: 1, waiting: 2 },
    events: [
      submitted(1),
      submitted(2),
      submitted(3),
      important(4),
      important(5),
      important(6),
      output(1),
      taken(1),
    ],
    log: [
      'admit 1 as 0',
      'send x of 1 to a',
      'fail 3 with ResourceError',
      'fail 2 with ResourceError',
      'fail 6 with ResourceError',
      'answer 1',
      'admit 4 as 1',
      'send x of 4 to a',
    ],
  },
  {
    name: 'keeps classes within their bounds',
    plan: {
      ...plan,
      window: 3,
      waiting: 5,
      queue: 9,
      classes: [{ from: 0, window: 1, waiting: 1 }, { from: 5 }],
    },
    events: [
      submitted(1),
      submitted(2),
      submitted(3),
      important(4),
      important(5),
      important(6),
      output(4),
      taken(4),
    ],
    log: [
      'admit 1 as 0',
      'send x of 1 to a',
      'fail 3 with ResourceError',
      'admit 4 as 1',
      'send x of 4 to a',
      'admit 5 as 2',
      'send x of 5 to a',
      'answer 4',
      'admit 6 as 3',
      'send x of 6 to a',
    ],
  },
  {
    name: 'sheds by command what does not matter enough, and takes it again',
    plan: { ...plan, window: 1, waiting: 5 },
    events: [
      submitted(1),
      submitted(2),
      important(3),
      { kind: 'admission', leastPriority: 3 },
      submitted(4),
      { kind: 'admission', leastPriority: null },
      submitted(5),
      cancelled(1),
    ],
    log: [
      'admit 1 as 0',
      'send x of 1 to a',
      'fail 2 with ResourceError',
      'fail 4 with ResourceError',
      'tell a+b that 1 ended',
      'fail 1 with CancelledError',
      'admit 3 as 1',
      'send x of 3 to a',
    ],
  },
  {
    name: 'fails everything of a version that lost a device, and takes no more',
    plan,
    events: [
      submitted(1),
      { kind: 'peer-lost', peer: 'z', error },
      { kind: 'peer-lost', peer: 'b', error },
      submitted(2),
    ],
    log: [
      'admit 1 as 0',
      'send x of 1 to a',
      'tell a+b that 1 ended',
      'fail 1 with ExecutionError',
      'fail 2 with ExecutionError',
    ],
  },
];

describe('the schedule of a gateway', () => {
  it.each(table)('$name', ({ plan: deployed, events, log }) => {
    expect(play(deployed, events).log).toEqual(log);
  });

  it('wants to be woken at the earliest deadline of what is not answered', () => {
    const events: TimedEvent[] = [submitted(1), [submitted(2), 3], [output(1), 4]];
    expect(play(plan, events).last.wakeAt).toBe(13);
    expect(play(plan, [...events, [output(2), 4]]).last.wakeAt).toBe(null);
  });
});

const anyNumber = fc.integer({ min: 1, max: 8 });
const anyEvent: fc.Arbitrary<GatewayEvent> = fc.oneof(
  anyNumber.map(output),
  anyNumber.map(acknowledged),
  anyNumber.map(taken),
  fc.oneof(anyNumber.map(cancelled), anyNumber.map(failed), anyNumber.map(exited)),
  fc.constantFrom<GatewayEvent>(
    { kind: 'admission', leastPriority: 1 },
    { kind: 'admission', leastPriority: null },
  ),
);

describe('laws of the gateway', () => {
  it('every request is answered or fails once; window and credits hold; order holds', () => {
    const history = fc.record({
      isOrdered: fc.boolean(),
      hasClasses: fc.boolean(),
      moves: fc.array(
        fc.record({
          event: anyEvent,
          submits: fc.constantFrom(submitted, important, null),
          passes: fc.constantFrom(0, 0, 1, 6),
        }),
      ),
    });
    const law = (given: typeof history extends fc.Arbitrary<infer Value> ? Value : never): void => {
      const state = initialGatewayState();
      const classes = given.hasClasses ? [{ from: 0, window: 1, waiting: 1 }, { from: 5 }] : [];
      const deployed = { ...plan, ordered: given.isOrdered, classes };
      let now = 0;
      let last = 0;
      const ends = new Map<number, number>();
      const tickets = new Map<number, number>();
      const answered: number[] = [];
      const inFlight = new Set<number>();
      const feed = (event: GatewayEvent): void => {
        for (const action of stepGateway(state, event, seconds(now)).actions) {
          if (action.kind === 'admit') {
            expect(action.ticket).toBe(tickets.size);
            tickets.set(action.request, action.ticket);
            inFlight.add(action.request);
          }
          if (action.kind === 'answer') answered.push(action.request);
          if (action.kind === 'fail') inFlight.delete(action.request);
          if (action.kind === 'answer' || action.kind === 'fail')
            ends.set(action.request, (ends.get(action.request) ?? 0) + 1);
        }
        for (const { lanes, inFlight: count, inFlightOf } of state.plans.values()) {
          expect(count).toBeLessThanOrEqual(2);
          expect(inFlightOf[0] ?? 0).toBeLessThanOrEqual(given.hasClasses ? 1 : 0);
          for (const { free } of lanes) expect(free === 0 || free === 1).toBe(true);
        }
      };
      feed({ kind: 'deployed', plan: deployed });
      for (const { event, submits, passes } of given.moves) {
        now += passes;
        if (submits !== null) feed(submits(++last));
        feed(event);
      }
      // Clients leave, so that everything that can be answered is.
      for (let request = 1; request <= last; request++) feed(cancelled(request));
      now += 100;
      feed({ kind: 'tick' });
      for (let request = 1; request <= last; request++) expect(ends.get(request)).toBe(1);
      expect(state.requests.size).toBe(0);
      const order = answered.map((request) => tickets.get(request) ?? -1);
      if (given.isOrdered) expect(order).toEqual(order.toSorted((left, right) => left - right));
    };
    fc.assert(fc.property(history, law), { seed: 20261121, numRuns: 500 });
  });
});
