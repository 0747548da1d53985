import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import type { AgentRecord } from '../schedule/recording.ts';
import { seconds } from '../units.ts';
import { numberedScenario } from './random-scenario.ts';
import type { Scenario } from './scenario.ts';
import { simulate } from './simulate.ts';

/** Random plans of which a part of the requests come too late, so that tickets are passed over and credits given back. */
function hurried(seed: number): Scenario {
  const scenario = numberedScenario(seed);
  const requestTimeoutSeconds = seconds(5 + createRandom(seed).integer(40));
  return { ...scenario, pipelines: scenario.pipelines.map((one) => ({ ...one, requestTimeoutSeconds })) };
}

const rounds = 150;

function decisions(scenario: Scenario, seed: number): Map<string, AgentRecord[]> {
  const agents = new Map<string, AgentRecord[]>();
  simulate(scenario, {
    seed,
    record: {
      agent: (device, step) => agents.set(device, [...(agents.get(device) ?? []), step]),
      gateway: () => undefined,
    },
  });
  return agents;
}

function forEveryAgent(check: (steps: readonly AgentRecord[], queue: number) => void): void {
  for (let seed = 0; seed < rounds; seed++) {
    for (const scenario of [numberedScenario(seed), hurried(seed)]) {
      const queue = scenario.pipelines[0]?.queue ?? 0;
      for (const steps of decisions(scenario, seed).values()) check(steps, queue);
    }
  }
}

describe('laws of agents that work together', () => {
  it('every stage starts its tickets in order', () => {
    forEveryAgent((steps) => {
      const last = new Map<number, number>();
      for (const { actions } of steps) {
        for (const action of actions) {
          if (action.kind !== 'execute') continue;
          for (const { ticket } of action.members) {
            expect(ticket).toBeGreaterThan(last.get(action.stage) ?? -1);
            last.set(action.stage, ticket);
          }
        }
      }
    });
  });

  it('no more tensors are on a way than there are credits', () => {
    forEveryAgent((steps, queue) => {
      const onTheWay = new Set<string>();
      for (const { event, actions } of steps) {
        if (event.kind === 'acknowledged') onTheWay.delete(wayOf(event.tensor, event.from, event.request));
        const cancelled = event.kind === 'cancelled' ? [event.request] : [];
        const ended = actions.flatMap((action) => (action.kind === 'end' ? [action.request] : []));
        for (const way of onTheWay)
          if ([...cancelled, ...ended].some((request) => way.endsWith(` of ${request}`)))
            onTheWay.delete(way);
        for (const action of actions)
          if (action.kind === 'send') onTheWay.add(wayOf(action.tensor, action.to, action.request));
        const counts = new Map<string, number>();
        for (const way of onTheWay) {
          const lane = way.replace(/ of \d+$/, '');
          counts.set(lane, (counts.get(lane) ?? 0) + 1);
        }
        for (const count of counts.values()) expect(count).toBeLessThanOrEqual(queue);
      }
    });
  });

  it('what is kept is dropped or handed over once, and what begins ends once, whatever comes too late', () => {
    forEveryAgent((steps) => {
      const held = new Set<string>();
      const begun = new Set<number>();
      const ended: number[] = [];
      for (const action of steps.flatMap(({ actions }) => actions)) {
        if (action.kind === 'keep') {
          expect(held.has(`${action.tensor} of ${action.request}`)).toBe(false);
          held.add(`${action.tensor} of ${action.request}`);
          begun.add(action.request);
        }
        if (action.kind === 'drop') expect(held.delete(`${action.tensor} of ${action.request}`)).toBe(true);
        if (action.kind === 'end') ended.push(action.request);
        if (action.kind !== 'execute') continue;
        for (const { request, inputs } of action.members)
          for (const { tensor, handOver } of inputs)
            if (handOver) expect(held.delete(`${tensor} of ${request}`)).toBe(true);
      }
      expect([...held]).toEqual([]);
      expect(ended.toSorted(ascending)).toEqual([...begun].toSorted(ascending));
    });
  });

  it('every request is answered or fails, once, whatever comes too late', () => {
    let failures = 0;
    for (let seed = 0; seed < rounds; seed++) {
      const ends: number[] = [];
      for (const event of simulate(hurried(seed), { seed }).events) {
        if (event.kind === 'taken' || event.kind === 'failure') ends.push(event.request);
        if (event.kind === 'failure') failures++;
      }
      expect(ends.toSorted(ascending)).toEqual(Array.from({ length: 12 }, (_, request) => request));
    }
    expect(failures).toBeGreaterThan(50);
  });
});

const wayOf = (tensor: string, to: string | null, request: number): string =>
  `${tensor} to ${to} of ${request}`;
const ascending = (left: number, right: number): number => left - right;
