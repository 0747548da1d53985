import type { Seconds } from '../units.ts';
import type { AgentPlan } from './agent-plan.ts';
import type {
  AgentAction,
  AgentOutcome,
  AgentRequest,
  AgentState,
  AgentStep,
  HeldTensor,
  RunningStage,
} from './agent-state.ts';

/** The next state and the actions while one event is worked on; the state it began from stays as it was. */
export class Draft {
  #state: AgentState;
  readonly #actions: AgentAction[] = [];

  constructor(state: AgentState) {
    this.#state = state;
  }

  get state(): AgentState {
    return this.#state;
  }

  act(action: AgentAction): void {
    this.#actions.push(action);
  }

  plan(version: number): AgentPlan | null {
    return this.#state.plans.find((plan) => plan.version === version) ?? null;
  }

  request(request: number): AgentRequest | null {
    return this.#state.requests.find((candidate) => candidate.request === request) ?? null;
  }

  setPlans(plans: readonly AgentPlan[]): void {
    this.#state = { ...this.#state, plans };
  }

  setRunning(running: RunningStage | null): void {
    this.#state = { ...this.#state, running };
  }

  add(request: AgentRequest): void {
    this.#state = { ...this.#state, requests: [...this.#state.requests, request] };
  }

  update(request: AgentRequest): void {
    const requests = this.#state.requests.map((other) =>
      other.request === request.request ? request : other,
    );
    this.#state = { ...this.#state, requests };
  }

  /** Replaces what is known of one held tensor. */
  updateHeld(number: number, held: HeldTensor): void {
    const request = this.request(number);
    if (request === null) return;
    this.update({
      ...request,
      held: request.held.map((other) => (other.tensor === held.tensor ? held : other)),
    });
  }

  forgetHeld(number: number, tensor: string): void {
    const request = this.request(number);
    if (request === null) return;
    this.update({ ...request, held: request.held.filter((held) => held.tensor !== tensor) });
  }

  /** Later tensors of this request are ignored. */
  remember(request: number): void {
    const ended = [...this.#state.ended, request].slice(-this.#state.limits.ended);
    this.#state = { ...this.#state, ended };
  }

  end(request: number, outcome: AgentOutcome): void {
    this.#state = {
      ...this.#state,
      requests: this.#state.requests.filter((other) => other.request !== request),
    };
    this.remember(request);
    this.act({ kind: 'end', request, outcome });
  }

  /** A request is done here when all came, all ran and nothing is held any more. */
  endWhenDone(number: number): void {
    const request = this.request(number);
    if (request === null || request.held.length > 0) return;
    const plan = this.plan(request.version);
    if (plan === null) return;
    if (request.arrived.length < plan.arrivals.length || request.completed.length < plan.stages.length)
      return;
    this.end(number, 'done');
  }

  finish(): AgentStep {
    const deadlines = this.#state.requests.map(({ deadline }) => deadline);
    const wakeAt = deadlines.length === 0 ? null : (Math.min(...deadlines) as Seconds);
    return { state: this.#state, actions: this.#actions, wakeAt };
  }
}
