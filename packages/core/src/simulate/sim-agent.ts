import type { AgentAction, AgentEvent, RunningStage } from '../schedule/agent-event.ts';
import { type AgentState, type AgentStateLimits, initialAgentState } from '../schedule/agent-state.ts';
import { stepAgent } from '../schedule/agent-step.ts';
import { type Bytes, bytes } from '../units.ts';
import { Alarm } from './alarm.ts';
import type { Planned } from './event-queue.ts';
import type { ScenarioStage } from './scenario.ts';
import { type SentTensor, SimCarriage } from './sim-carriage.ts';
import type { SimLink } from './sim-line.ts';
import { nowOf, type SimulationContext } from './simulation-context.ts';

/** A device: its agent's schedule, the stage that it works on and its ways to others. */
export class SimAgent {
  readonly device: string;
  readonly #context: SimulationContext;
  readonly #limits: Partial<AgentStateLimits>;
  readonly #links: ReadonlyMap<string, SimLink>;
  readonly #acknowledgementSeconds: (from: string) => number;
  readonly #alarm: Alarm;
  #state: AgentState;
  #factor = 1;
  #down: 'hold' | 'lost' | null = null;
  /** What it was told while it was down and comes back. */
  #held: AgentEvent[] = [];
  #work: {
    readonly stage: RunningStage;
    readonly wholeSeconds: number;
    leftSeconds: number;
    since: number;
    end: Planned | null;
  } | null = null;
  readonly #completed = (): void => this.#complete();

  constructor(
    device: string,
    context: SimulationContext,
    limits: Partial<AgentStateLimits>,
    links: ReadonlyMap<string, SimLink>,
    acknowledgementSeconds: (from: string) => number,
  ) {
    this.device = device;
    this.#context = context;
    this.#limits = limits;
    this.#links = links;
    this.#acknowledgementSeconds = acknowledgementSeconds;
    this.#alarm = new Alarm(context.queue, () => this.tell({ kind: 'tick' }));
    this.#state = initialAgentState(limits);
  }

  tell(event: AgentEvent): void {
    if (this.#down === 'hold') this.#held.push(event);
    if (this.#down !== null) return;
    const now = nowOf(this.#context);
    const { actions, wakeAt } = stepAgent(this.#state, event, now);
    this.#context.record?.agent(this.device, { event, now, actions });
    for (const action of actions) this.#perform(action);
    this.#alarm.set(wakeAt);
  }

  /** From now on it takes its usual times divided by `factor`. */
  changeSpeed(factor: number): void {
    this.#stopClock();
    this.#factor = factor;
    this.#startClock();
  }

  /** What it worked on is lost; with 'lost' all that it had. */
  fail(policy: 'hold' | 'lost'): void {
    if (this.#down !== null) return;
    this.#stopClock();
    this.#down = policy;
    if (policy === 'hold') return;
    this.#work = null;
    this.#state = initialAgentState(this.#limits);
  }

  recover(): void {
    this.#down = null;
    const work = this.#work;
    if (work !== null) {
      work.leftSeconds = work.wholeSeconds;
      this.#emitStage('stage-start', work.stage);
      this.#startClock();
    }
    for (const event of this.#held.splice(0)) this.tell(event);
  }

  #perform(action: AgentAction): void {
    switch (action.kind) {
      case 'keep':
      case 'drop':
      case 'end':
      case 'holding':
      case 'accuse':
      case 'overdue':
        return;
      case 'release':
        return this.#release(action);
      case 'send':
        return this.#send(action);
      case 'deliver':
        return this.#deliver(action);
      case 'execute':
        return this.#execute(action);
      case 'acknowledge':
        return this.#acknowledge(action);
      case 'blocked':
      case 'unblocked':
        return this.#emitBlocking(action);
      case 'exit':
        return this.#exit(action);
      case 'fail':
        if (action.version !== null && action.request !== null)
          this.#context.tellGateway({
            ...action,
            kind: 'failed',
            version: action.version,
            request: action.request,
          });
    }
  }

  #execute({ version, stage: number, members }: Extract<AgentAction, { kind: 'execute' }>): void {
    const stage: RunningStage = { version, stage: number, requests: members.map(({ request }) => request) };
    const listed = listedSeconds(this.#context.stageOf(version, number, this.device), members.length);
    const seconds = this.#context.hooks.stageSeconds?.(stage, this.device, listed) ?? listed;
    this.#emitStage('stage-start', stage);
    const since = this.#context.queue.now;
    this.#work = { stage, wholeSeconds: seconds, leftSeconds: seconds, since, end: null };
    this.#startClock();
  }

  #deliver({ version, request, tensor }: Extract<AgentAction, { kind: 'deliver' }>): void {
    this.#context.tellGateway({ kind: 'output-arrived', from: this.device, version, request, tensor });
  }

  #emitStage(kind: 'stage-start' | 'stage-end', { version, stage, requests }: RunningStage): void {
    const atSeconds = nowOf(this.#context);
    this.#context.emit({ kind, atSeconds, version, stage, device: this.device, requests });
  }

  #emitBlocking({ kind, version, stage }: Extract<AgentAction, { kind: 'blocked' | 'unblocked' }>): void {
    const atSeconds = nowOf(this.#context);
    this.#context.emit({ kind, version, stage, atSeconds, device: this.device });
  }

  #startClock(): void {
    const work = this.#work;
    if (work === null || this.#down !== null) return;
    const { queue } = this.#context;
    work.since = queue.now;
    work.end = queue.at(queue.now + work.leftSeconds / this.#factor, this.#completed);
  }

  #stopClock(): void {
    const work = this.#work;
    if (work === null || work.end === null) return;
    work.end.run = null;
    work.end = null;
    work.leftSeconds = Math.max(0, work.leftSeconds - (this.#context.queue.now - work.since) * this.#factor);
  }

  #complete(): void {
    const stage = this.#work?.stage;
    if (stage === undefined) return;
    this.#work = null;
    this.#emitStage('stage-end', stage);
    const { exits } = this.#context.hooks;
    if (exits === undefined) return this.tell({ kind: 'stage-completed', stage });
    const answered = stage.requests.filter((request) => exits(stage, request, nowOf(this.#context)));
    this.tell({ kind: 'stage-completed', stage, exits: answered });
  }

  #send({ to, version, request, ticket, tensor }: Extract<AgentAction, { kind: 'send' }>): void {
    const context = this.#context;
    const link = this.#links.get(to);
    if (link === undefined) return;
    const { emit, tellAgent } = context;
    const from = this.device;
    const about = { version, request, tensor, from, to };
    const arrive = (): void => {
      emit({ kind: 'tensor-arrived', atSeconds: nowOf(context), version, request, tensor, from, to });
      tellAgent(to, { kind: 'tensor-arrived', from, version, request, ticket, tensor });
    };
    link.line.send(new SimCarriage(context, about, link, this.#sizeOf(about, link), arrive));
  }

  #sizeOf(about: SentTensor, link: SimLink): Bytes {
    const { version, request, tensor, from, to } = about;
    const { bytesOf, hooks, emit, queue } = this.#context;
    const listed = bytesOf(version, tensor, from, to);
    if (hooks.transfer === undefined) return bytes(listed);
    const { delaySeconds } = link;
    const facts = { bytes: listed, delaySeconds, atSeconds: queue.now };
    const chosen = hooks.transfer({ ...about, ...facts });
    if (chosen === null) return bytes(listed);
    emit({ kind: 'bits', atSeconds: nowOf(this.#context), version, request, tensor, bits: chosen.bits });
    return bytes(chosen.bytes);
  }

  #acknowledge({ to, request, tensor }: Extract<AgentAction, { kind: 'acknowledge' }>): void {
    const { queue, tellAgent, tellGateway } = this.#context;
    const from = this.device;
    if (to === null) return tellGateway({ kind: 'acknowledged', from, request, tensor });
    const after = this.#acknowledgementSeconds(to);
    const event: AgentEvent = { kind: 'acknowledged', from, request, tensor };
    if (after === 0) tellAgent(to, event);
    else queue.at(queue.now + after, () => tellAgent(to, event));
  }

  #release({ to, request }: Extract<AgentAction, { kind: 'release' }>): void {
    const { queue, tellAgent } = this.#context;
    const event: AgentEvent = { kind: 'released', from: this.device, request };
    queue.at(queue.now + this.#acknowledgementSeconds(to), () => tellAgent(to, event));
  }

  #exit({ version, request, stage }: Extract<AgentAction, { kind: 'exit' }>): void {
    const { emit, tellGateway, exitAnswer } = this.#context;
    emit({ kind: 'exit', atSeconds: nowOf(this.#context), version, request, stage, device: this.device });
    const told = (): void => tellGateway({ kind: 'exited', version, request });
    const { sink: to, bytes: size } = exitAnswer(version, stage);
    const link = to === null ? undefined : this.#links.get(to);
    if (to === null || link === undefined) return told();
    const about = { version, request, tensor: `answer of stage ${stage}`, from: this.device, to };
    link.line.send(new SimCarriage(this.#context, about, link, size, told));
  }
}

function listedSeconds({ seconds, batchSeconds }: ScenarioStage, requests: number): number {
  return batchSeconds?.[requests - 1] ?? seconds * requests;
}
