import type { GatewayAction, GatewayEvent } from '../schedule/gateway-event.ts';
import { type GatewayState, initialGatewayState } from '../schedule/gateway-state.ts';
import { stepGateway } from '../schedule/gateway-step.ts';
import { Alarm } from './alarm.ts';
import { nowOf, type SimulationContext } from './simulation-context.ts';

/** The gateway and its clients, who take each answer at once until they stop. */
export class SimGateway {
  readonly #context: SimulationContext;
  readonly #state: GatewayState = initialGatewayState();
  readonly #alarm: Alarm;
  /** By version: when its client stops. */
  readonly #stops: ReadonlyMap<number, number>;

  constructor(context: SimulationContext, stops: ReadonlyMap<number, number>) {
    this.#context = context;
    this.#stops = stops;
    this.#alarm = new Alarm(context.queue, () => this.tell({ kind: 'tick' }));
  }

  tell(event: GatewayEvent): void {
    const now = nowOf(this.#context);
    const { actions, wakeAt } = stepGateway(this.#state, event, now);
    this.#context.record?.gateway({ event, now, actions });
    for (const action of actions) this.#perform(action);
    this.#alarm.set(wakeAt);
  }

  #perform(action: GatewayAction): void {
    const { emit, tellAgent } = this.#context;
    const atSeconds = nowOf(this.#context);
    const { version, request } = action;
    switch (action.kind) {
      case 'admit':
        return emit({ kind: 'admission', atSeconds, version, request, ticket: action.ticket });
      case 'send': {
        const { to, ticket, tensor } = action;
        emit({ kind: 'tensor-arrived', atSeconds, version, request, tensor, from: null, to });
        return tellAgent(to, { kind: 'tensor-arrived', from: null, version, request, ticket, tensor });
      }
      case 'adopt': {
        const { to, ticket, tensor } = action;
        return tellAgent(to, { kind: 'tensor-arrived', from: to, version, request, ticket, tensor });
      }
      case 'acknowledge':
        return tellAgent(action.to, { kind: 'acknowledged', from: null, request, tensor: action.tensor });
      case 'complete':
        return emit({ kind: 'answer', atSeconds, version, request });
      case 'answer':
        return this.#handOut(version, request);
      case 'fail': {
        const { name, message } = action.error;
        return emit({ kind: 'failure', atSeconds, version, request, error: name, message });
      }
      case 'tell-ended':
        for (const device of action.to)
          tellAgent(device, { kind: 'cancelled', version, request, ticket: action.ticket });
    }
  }

  #handOut(version: number, request: number): void {
    const { queue, emit, tellGateway } = this.#context;
    if (queue.now >= (this.#stops.get(version) ?? Number.POSITIVE_INFINITY)) return;
    emit({ kind: 'taken', atSeconds: nowOf(this.#context), version, request });
    tellGateway({ kind: 'taken', request });
  }
}
