import {
  type Clock,
  initialLiveness,
  type Liveness,
  type LivenessAction,
  type LivenessEvent,
  seconds,
  stepLiveness,
} from '@tandem/core';
import { Alarm } from '../alarm.ts';
import type { Tasks } from '../wire/tasks.ts';
import type { GatewayLimits } from './gateway-options.ts';

export interface AgentWatchOptions {
  readonly clock: Clock;
  readonly tasks: Tasks;
  readonly limits: Pick<GatewayLimits, 'heartbeatSeconds' | 'silenceSeconds' | 'probeSeconds'>;
  /** Whether silence means nothing now, because this side fills the connection. */
  readonly isExcused: () => boolean;
  readonly ping: () => void;
  /** Whether the agent answers a new connection within so long. Never rejects. */
  readonly probe: (withinSeconds: number) => Promise<boolean>;
  /** What is thought of the device now, to follow its name. */
  readonly onChange: (change: string) => void;
  readonly onLost: (why: string) => void;
}

/** Watches over one agent's life: does what `stepLiveness` (core/schedule) says. */
export class AgentWatch {
  readonly #options: AgentWatchOptions;
  readonly #state: Liveness;
  readonly #alarm: Alarm;
  #stopped = false;

  constructor(options: AgentWatchOptions) {
    const { clock, tasks, limits } = options;
    this.#options = options;
    const { heartbeatSeconds, silenceSeconds, probeSeconds } = limits;
    const known = { heartbeatSeconds, silenceSeconds, probeSeconds };
    this.#state = initialLiveness(
      {
        heartbeatSeconds: seconds(known.heartbeatSeconds),
        silenceSeconds: seconds(known.silenceSeconds),
        probeSeconds: seconds(known.probeSeconds),
      },
      clock.now(),
    );
    this.#alarm = new Alarm(clock, tasks, () =>
      this.tell({ kind: options.isExcused() ? 'excused' : 'tick' }),
    );
    this.tell({ kind: 'tick' });
  }

  tell(event: LivenessEvent): void {
    if (this.#stopped) return;
    const { actions, wakeAt } = stepLiveness(this.#state, event, this.#options.clock.now());
    for (const action of actions) this.#perform(action);
    if (!this.#stopped) this.#alarm.set(wakeAt);
  }

  stop(): void {
    this.#stopped = true;
    this.#alarm.stop();
  }

  #perform(action: LivenessAction): void {
    const { ping, probe, tasks, onChange, onLost } = this.#options;
    switch (action.kind) {
      case 'ping':
        return ping();
      case 'probe':
        return tasks.start(async () => {
          const answered = await probe(action.withinSeconds);
          this.tell({ kind: 'probed', answered });
        });
      case 'suspect':
        return onChange(`is suspected: ${action.why}`);
      case 'trust':
        return onChange('is well');
      case 'lose':
        return onLost(action.why);
    }
  }
}
