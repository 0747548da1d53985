import { initialAgentState } from './agent-state.ts';
import { stepAgent } from './agent-step.ts';
import { initialGatewayState } from './gateway-state.ts';
import { stepGateway } from './gateway-step.ts';
import type { RecordedStep, Recording } from './recording.ts';

export interface Replay {
  /** Steps that were decided again, up to each schedule's first difference. */
  readonly steps: number;
  /** The earliest difference, one sentence; null = every decision was the same. */
  readonly difference: string | null;
}

interface Played {
  readonly steps: number;
  readonly difference: { readonly now: number; readonly sentence: string } | null;
}

/** Has schedules that begin anew decide again what was recorded, and compares what they say with what was said, action by action. */
export function replay({ limits, agents, gateway }: Recording): Replay {
  const gatewayState = initialGatewayState();
  const played = Object.entries(agents).map(([device, steps]) => {
    const state = initialAgentState(limits);
    return play(`device ${device}`, steps, (event, now) => stepAgent(state, event, now).actions);
  });
  played.push(play('the gateway', gateway, (event, now) => stepGateway(gatewayState, event, now).actions));
  const differences = played.flatMap(({ difference }) => difference ?? []);
  const earliest = differences.toSorted((left, right) => left.now - right.now)[0];
  const steps = played.reduce((sum, one) => sum + one.steps, 0);
  return { steps, difference: earliest?.sentence ?? null };
}

function play<Event>(
  who: string,
  steps: readonly RecordedStep<Event, object>[],
  decide: (event: Event, now: RecordedStep<Event, object>['now']) => readonly object[],
): Played {
  for (const [number, { event, now, actions }] of steps.entries()) {
    const again = decide(event, now);
    const count = Math.max(actions.length, again.length);
    for (let at = 0; at < count; at++) {
      const [was, is] = [textOf(actions[at]), textOf(again[at])];
      if (was === is) continue;
      const told = `Step ${number} of ${who} at ${now} s, told of ${textOf(event)}`;
      const sentence = `${told}: did ${was} as action ${at}, but now does ${is}.`;
      return { steps: number, difference: { now, sentence } };
    }
  }
  return { steps: steps.length, difference: null };
}

/** The same for the same content, in whatever order its keys are. */
function textOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)))
      : inner,
  );
}
