import { describe, expect, it } from 'vitest';
import type { AgentEvent } from '../schedule/agent-event.ts';
import { agentSnapshot } from '../schedule/agent-snapshot.ts';
import { initialAgentState } from '../schedule/agent-state.ts';
import { stepAgent } from '../schedule/agent-step.ts';
import type { GatewayEvent } from '../schedule/gateway-event.ts';
import { initialGatewayState } from '../schedule/gateway-state.ts';
import { stepGateway } from '../schedule/gateway-step.ts';
import { bytes, seconds } from '../units.ts';
import { pipelineParts } from './pipeline-routes.ts';
import type { ScenarioPipeline, ScenarioStage } from './scenario.ts';

const now = seconds(0);

/** A pipeline in which nothing takes its usual time: what is under way on each channel and device ends in any order. */
class World {
  readonly #agents = new Map<string, ReturnType<typeof initialAgentState>>();
  readonly #gateway = initialGatewayState();
  /** By sender and receiver, each first come, first served. */
  readonly #channels = new Map<
    string,
    { readonly to: string; readonly event: AgentEvent | GatewayEvent }[]
  >();
  answered = 0;

  constructor(pipeline: ScenarioPipeline, requests: number) {
    const { agents, gateway } = pipelineParts(pipeline);
    for (const [device, plan] of agents) {
      this.#agents.set(device, initialAgentState());
      this.#tellAgent(device, { kind: 'deployed', plan });
    }
    this.#tellGateway({ kind: 'deployed', plan: gateway });
    for (let request = 0; request < requests; request++)
      this.#tellGateway({ kind: 'submitted', version: 1, request });
  }

  /** Channels with something on them, and devices at work. */
  get choices(): readonly string[] {
    const channels = [...this.#channels].flatMap(([name, events]) => (events.length > 0 ? [name] : []));
    const working = [...this.#agents].flatMap(([device, { running }]) => (running === null ? [] : [device]));
    return [...channels, ...working].sort();
  }

  get key(): string {
    const agents = [...this.#agents.values()].map(agentSnapshot);
    const requests = [...this.#gateway.requests.values()].map(({ request, phase, missing, inFlight }) => {
      return [request, phase, missing, inFlight.length];
    });
    const channels = [...this.#channels]
      .filter(([, events]) => events.length > 0)
      .map((channel) => JSON.stringify(channel))
      .sort();
    return JSON.stringify([agents, requests, channels]);
  }

  choose(choice: string): void {
    const running = this.#agents.get(choice)?.running ?? null;
    if (running !== null) return this.#tellAgent(choice, { kind: 'stage-completed', stage: running });
    const next = this.#channels.get(choice)?.shift();
    if (next === undefined) throw new Error(`nothing is on ${choice}`);
    if (next.to === 'gateway') this.#tellGateway(next.event as GatewayEvent);
    else this.#tellAgent(next.to, next.event as AgentEvent);
  }

  #say(from: string, to: string, event: AgentEvent | GatewayEvent): void {
    const channel = this.#channels.get(`${from} > ${to}`) ?? [];
    channel.push({ to, event });
    this.#channels.set(`${from} > ${to}`, channel);
  }

  #tellAgent(device: string, told: AgentEvent): void {
    const state = this.#agents.get(device);
    if (state === undefined) throw new Error(`there is no ${device}`);
    for (const action of stepAgent(state, told, now).actions) {
      if (action.kind === 'send')
        this.#say(device, action.to, { ...action, kind: 'tensor-arrived', from: device });
      if (action.kind === 'deliver')
        this.#say(device, 'gateway', { ...action, kind: 'output-arrived', from: device });
      if (action.kind === 'acknowledge')
        this.#say(device, action.to ?? 'gateway', { ...action, kind: 'acknowledged', from: device });
      if (action.kind === 'fail') throw new Error(action.error.message);
    }
  }

  #tellGateway(told: GatewayEvent): void {
    for (const action of stepGateway(this.#gateway, told, now).actions) {
      if (action.kind === 'send')
        this.#say('gateway', action.to, { ...action, kind: 'tensor-arrived', from: null });
      if (action.kind === 'acknowledge')
        this.#say('gateway', action.to, { ...action, kind: 'acknowledged', from: null });
      if (action.kind === 'fail') throw new Error(action.error.message);
      if (action.kind !== 'answer') continue;
      this.answered++;
      this.#tellGateway({ kind: 'taken', request: action.request });
    }
  }
}

const mostStates = 20_000;

/** Goes through every state that can be reached; gives their number and how many requests were answered at the ends. */
function explore(pipeline: ScenarioPipeline, requests: number): { states: number; answered: Set<number> } {
  const seen = new Set<string>();
  const answered = new Set<number>();
  const paths: (readonly string[])[] = [[]];
  for (let path = paths.pop(); path !== undefined; path = paths.pop()) {
    const world = new World(pipeline, requests);
    for (const choice of path) world.choose(choice);
    const { key, choices } = world;
    if (seen.has(key)) continue;
    seen.add(key);
    if (seen.size > mostStates) throw new Error('there are more states than can be gone through');
    if (choices.length === 0) answered.add(world.answered);
    for (const choice of choices) paths.push([...path, choice]);
  }
  return { states: seen.size, answered };
}

const stage = (number: number, device: string, inputs: string, outputs: string): ScenarioStage => ({
  stage: number,
  device,
  seconds: seconds(1),
  inputs: inputs.split(' '),
  outputs: outputs.split(' '),
});
const pipeline = (stages: readonly ScenarioStage[], sink: string): ScenarioPipeline => ({
  version: 1,
  stages,
  tensors: [{ tensor: 'h', bytes: bytes(1) }],
  inputs: ['x'],
  outputs: ['y'],
  source: 'a',
  sink,
  arrivals: { kind: 'one' },
  queue: 1,
});

describe('every order of events, with room for one tensor on each way', () => {
  it.each([
    ['a chain', pipeline([stage(0, 'a', 'x', 'h'), stage(1, 'b', 'h', 'y')], 'b'), 3],
    [
      'there and back',
      pipeline([stage(0, 'a', 'x', 'h'), stage(1, 'b', 'h', 'i'), stage(2, 'a', 'h i', 'y')], 'a'),
      2,
    ],
    [
      'two branches that meet',
      pipeline([stage(0, 'a', 'x', 'h k'), stage(1, 'b', 'h', 'i'), stage(2, 'a', 'k i', 'y')], 'a'),
      2,
    ],
  ])('%s: ends with every request answered', (_name, subject, requests) => {
    const { states, answered } = explore(subject, requests);
    expect([...answered]).toEqual([requests]);
    expect(states).toBeGreaterThan(100);
  });
});
