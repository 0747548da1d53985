import type { AgentEvent } from './agent-event.ts';
import { type AgentState, initialAgentState } from './agent-state.ts';
import { stepAgent } from './agent-step.ts';
import type { GatewayEvent } from './gateway-event.ts';
import { initialGatewayState } from './gateway-state.ts';
import { stepGateway } from './gateway-step.ts';
import type { RecordedStep, Recording } from './recording.ts';

export interface Replay {
  /** Steps whose actions were the same, up to the first that differs. */
  readonly steps: number;
  /** The first difference, one sentence; null = every decision was the same. */
  readonly difference: string | null;
}

/** Has schedules that begin anew decide again what was recorded, and compares what they say with what was said, action by action. */
export function replay({ limits, steps }: Recording): Replay {
  const agents = new Map<string, AgentState>();
  const gateway = initialGatewayState();
  let number = 0;
  for (const step of steps) {
    const actions = step.who === 'agent' ? agentActions(agents, limits, step) : gatewayActions(gateway, step);
    const difference = differenceOf(step, actions, number);
    if (difference !== null) return { steps: number, difference };
    number++;
  }
  return { steps: number, difference: null };
}

function agentActions(
  agents: Map<string, AgentState>,
  limits: Recording['limits'],
  { device, event, atSeconds }: Extract<RecordedStep, { who: 'agent' }>,
): readonly object[] {
  const state = agents.get(device) ?? initialAgentState(limits);
  agents.set(device, state);
  return stepAgent(state, event, atSeconds).actions;
}

function gatewayActions(
  state: ReturnType<typeof initialGatewayState>,
  { event, atSeconds }: Extract<RecordedStep, { who: 'gateway' }>,
): readonly object[] {
  return stepGateway(state, event, atSeconds).actions;
}

function differenceOf(step: RecordedStep, actions: readonly object[], number: number): string | null {
  const count = Math.max(actions.length, step.actions.length);
  for (let at = 0; at < count; at++) {
    const recorded = textOf(step.actions[at]);
    const now = textOf(actions[at]);
    if (recorded === now) continue;
    const who = step.who === 'agent' ? `device ${step.device}` : 'the gateway';
    return `Step ${number} at ${step.atSeconds} s: told of ${toldOf(step.event)}, ${who} did ${recorded} as action ${at}, but now does ${now}.`;
  }
  return null;
}

function toldOf(event: AgentEvent | GatewayEvent): string {
  return textOf(event);
}

/** The same for the same content, in whatever order its keys are. */
function textOf(value: object | undefined): string {
  if (value === undefined) return 'nothing';
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)))
      : inner,
  );
}
