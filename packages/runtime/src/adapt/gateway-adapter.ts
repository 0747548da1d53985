import {
  type AdaptationEvent,
  type Clock,
  type DeviceId,
  type DynamicsAction,
  type DynamicsEvent,
  type DynamicsSettings,
  errorRecord,
  evaluate,
  initialDynamics,
  type MissionCommand,
  type Plan,
  type Problem,
  planOptionOf,
  type ReplanEvent,
  rateAt,
  type Seconds,
  seconds,
  stepDynamics,
  type TraceEvent,
} from '@tandem/core';
import { Alarm } from '../alarm.ts';
import type { PlannedDecisions } from '../gateway/decisions-of.ts';
import type { DeployOptions } from '../gateway/deploy-options.ts';
import type { Deployment } from '../gateway/deployment.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { switchOver } from '../gateway/switch-over.ts';
import type { SegmentSource } from '../segment/segment.ts';
import { Tasks } from '../wire/tasks.ts';
import { DevicePaces } from './device-paces.ts';
import { DevicePresence } from './device-presence.ts';
import { LinkGoodput } from './link-goodput.ts';
import { sensedReadings } from './sensed-readings.ts';
import { StagePace } from './stage-pace.ts';

/** A plan that the gateway may switch to. */
export interface AdaptiveChoice {
  /** Without batches and other ways; its version tells it from the other choices. */
  readonly plan: Plan;
  /** Of the plan. */
  readonly deployment: Deployment;
  readonly segments: ReadonlyMap<string, SegmentSource>;
  /** Until it is loaded beside another, as it was measured. @default as the cluster states */
  readonly loadSeconds?: number;
  /** What is decided request by request once it is deployed as this version, by what is known by now. @default nothing */
  readonly decided?: (version: number) => Pick<PlannedDecisions, 'decisions' | 'matrices'>;
}

export interface AdapterOptions {
  readonly gateway: Pick<Gateway, 'admitFrom' | 'deploy' | 'feed' | 'setClock' | 'withdraw'>;
  readonly problem: Problem;
  /** The first is the one that answers now, under its own version, and its deployment is traced. */
  readonly choices: readonly [AdaptiveChoice, ...AdaptiveChoice[]];
  readonly settings?: Omit<DynamicsSettings, 'options' | 'current'>;
  /** Versions of other models, whose requests are not what these plans are for. @default none */
  readonly aside?: readonly number[];
  /** How a choice is deployed, `trace` included. */
  readonly deployOptions: (plan: Plan) => Omit<DeployOptions, 'signal' | 'matrices'>;
  /**
   * Called before another version is deployed, to keep what the one in use has learned of its cut for when that is used again: requests that end
   * under it later teach nothing that lasts. @default nothing is learned
   */
  readonly keepLearned?: () => Promise<unknown>;
  readonly clock: Clock;
  /** One line for a person about each switch. */
  readonly log: (line: string) => void;
  /** Ends a switch that is under way, too. */
  readonly signal: AbortSignal;
}

/** Between two looks at what agents have to tell. */
const lookSeconds = seconds(0.5);

/** What answers now: a choice, under the version of its latest deployment. */
interface InUse {
  readonly choice: AdaptiveChoice;
  readonly version: number;
}

/**
 * Has a gateway leave the plan in use for another where links or devices turn out otherwise than planned: `stepDynamics` decides, by the
 * goodput of the transfers and the times of the stages that the trace tells, by what sensors read, by which devices are there, and by how
 * often requests come; `switchOver` puts the plan in place. A hot device is slowed down where somebody there can do it. Each decision is an
 * 'adaptation' event of the trace, each switch a 'replan' event. Rates that were planned with count until a link differs clearly; one that
 * carries nothing any more is not measured any more.
 */
export class GatewayAdapter {
  readonly #options: AdapterOptions;
  readonly #state: ReturnType<typeof initialDynamics>;
  readonly #goodput: LinkGoodput;
  readonly #pace: StagePace = new StagePace();
  readonly #clocks: DevicePaces;
  readonly #presence: DevicePresence;
  readonly #tasks: Tasks = new Tasks((error) => this.#options.log(errorRecord(error).message));
  readonly #alarm: Alarm;
  readonly #stopped: AbortController = new AbortController();
  readonly #unwatch: () => void;
  #choices: readonly AdaptiveChoice[];
  #inUse: InUse;
  #lastVersion: number;
  #isSwitching = false;
  /** Why the dynamics chose what they chose last. */
  #message = '';

  constructor(options: AdapterOptions) {
    const { problem, choices, clock, gateway, settings } = options;
    const [first] = choices;
    this.#options = options;
    this.#choices = choices;
    this.#inUse = { choice: first, version: first.plan.version };
    this.#lastVersion = Math.max(...choices.map(({ plan }) => plan.version));
    this.#state = initialDynamics(
      { ...settings, options: this.#planOptions(), current: first.plan.version },
      clock.now(),
    );
    this.#goodput = new LinkGoodput(problem.cluster.links);
    this.#pace.know(first.plan.version, evaluate(problem, first.plan));
    this.#clocks = new DevicePaces(problem, first.plan);
    this.#presence = new DevicePresence({
      clock,
      tasks: this.#tasks,
      isRepaired: first.deployment.repair !== undefined,
      tell: (device, isHere) => this.#tell({ kind: 'device', device, isHere }),
      signal: this.#stopped.signal,
    });
    this.#alarm = new Alarm(clock, this.#tasks, () => this.#tell({ kind: 'tick' }));
    this.#unwatch = gateway.feed.watch((event) => this.#see(event));
    this.#expectRates();
    this.#tasks.start(() => this.#look());
  }

  /** What a person wants from now on: it counts at once. */
  command(command: MissionCommand): void {
    this.#tell({ kind: 'command', command });
  }

  /** Decides nothing any more; resolves when what was begun has ended. Idempotent. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#unwatch();
    this.#alarm.stop();
    await this.#tasks.settled();
  }

  #planOptions(): DynamicsSettings['options'] {
    return this.#choices.map(({ plan, loadSeconds }) => {
      const option = planOptionOf(this.#options.problem, plan);
      return loadSeconds === undefined ? option : { ...option, loadSeconds };
    });
  }

  /** What was planned with counts as measured, so that a first reading that is a little off is no news. */
  #expectRates(): void {
    for (const link of this.#options.problem.cluster.links) {
      const bitsPerSecond = rateAt(link, 0);
      if (bitsPerSecond > 0) this.#tell({ kind: 'goodput', from: link.from, to: link.to, bitsPerSecond });
    }
  }

  async #look(): Promise<void> {
    const { clock, gateway, signal } = this.#options;
    while (!this.#stopped.signal.aborted && !signal.aborted) {
      // An agent that is lost is not this loop's business.
      await gateway.feed.collect(signal).catch(() => undefined);
      for (const reading of this.#goodput.read(clock.now())) this.#tell(reading);
      await clock.sleep(lookSeconds, this.#stopped.signal).catch(() => undefined);
    }
  }

  #see(event: TraceEvent): void {
    this.#goodput.see(event);
    this.#presence.see(event);
    const { aside = [] } = this.#options;
    if (event.kind === 'arrival' && !aside.includes(event.version)) this.#tell({ kind: 'arrival' });
    if (event.kind === 'sensed') {
      this.#clocks.know(event);
      for (const told of sensedReadings(event, this.#clocks.plannedHertz(event.device))) this.#tell(told);
    }
    const reading = this.#pace.see(event);
    // Two versions on one device slow each other down.
    if (reading !== null && !this.#isSwitching) this.#tell(reading);
  }

  #tell(event: DynamicsEvent): void {
    if (this.#stopped.signal.aborted) return;
    const { actions, wakeAt } = stepDynamics(this.#state, event, this.#options.clock.now());
    for (const action of actions) this.#perform(action);
    this.#alarm.set(wakeAt);
  }

  #perform({ effect, dynamic, reaction, saw, considered, why }: DynamicsAction): void {
    const { version } = this.#inUse;
    this.#note({ kind: 'adaptation', version, dynamic, reaction, saw, considered, why });
    switch (effect.kind) {
      case 'plan':
        this.#message = `${saw}: ${why}`;
        if (!this.#isSwitching) this.#tasks.start(() => this.#follow());
        return;
      case 'clock':
      case 'duty-cycle':
        this.#clocks.slow(effect);
        return this.#tasks.start(() => this.#setClock(effect.device));
      case 'admission':
        return this.#options.gateway.admitFrom(effect.leastPriority);
      // Of the rest, what matters to plans is in their prices; thresholds and sources of input are not the gateway's to change.
      default:
        return;
    }
  }

  /** As far as reactions have slowed the device; where nothing can do that, it says why. */
  async #setClock(device: DeviceId): Promise<void> {
    const { gateway, signal, log } = this.#options;
    const wanted = this.#clocks.wanted(device);
    if (wanted === null) return log(`${device} stays as fast as it is: nobody has told its clock rate`);
    const { reason } = await gateway.setClock(device, wanted.hertz, signal, wanted.planned);
    if (reason !== null) log(`${device} stays as fast as it is: ${reason}`);
  }

  /** One switch after the other, until what was decided for last answers. */
  async #follow(): Promise<void> {
    this.#isSwitching = true;
    try {
      for (let next = this.#decided(); next !== null; next = this.#decided()) await this.#switchTo(next);
    } finally {
      this.#isSwitching = false;
    }
  }

  #decided(): AdaptiveChoice | null {
    const { current } = this.#state;
    if (this.#stopped.signal.aborted || this.#inUse.choice.plan.version === current) return null;
    return this.#choices.find(({ plan }) => plan.version === current) ?? null;
  }

  async #switchTo(choice: AdaptiveChoice): Promise<void> {
    const { gateway, problem, signal, deployOptions, keepLearned, log } = this.#options;
    const before = this.#inUse;
    const version = ++this.#lastVersion;
    const after = { ...choice.plan, version };
    await keepLearned?.();
    const { decisions = [], matrices } = choice.decided?.(version) ?? {};
    const deployment = { ...choice.deployment, version, ...(decisions.length === 0 ? {} : { decisions }) };
    this.#pace.know(version, evaluate(problem, choice.plan));
    const noting: Pick<Gateway, 'deploy' | 'withdraw'> = {
      deploy: async (...told) => {
        const loaded = await gateway.deploy(...told);
        this.#take({ choice, version });
        return loaded;
      },
      withdraw: (...told) => gateway.withdraw(...told),
    };
    try {
      await switchOver(noting, deployment, choice.segments, {
        ...deployOptions(after),
        ...(matrices === undefined ? {} : { matrices }),
        problem,
        before: { ...before.choice.plan, version: before.version },
        after,
        signal,
      });
    } catch (error) {
      if (signal.aborted) return;
      log(`the switch to ${nameOf(choice)} failed: ${errorRecord(error).message}`);
      if (this.#inUse === before) this.#giveUp(choice);
    }
  }

  #take(inUse: InUse): void {
    const { choice, version } = this.#inUse;
    this.#inUse = inUse;
    for (const device of this.#clocks.follow(inUse.choice.plan))
      this.#tasks.start(() => this.#setClock(device));
    const message = this.#message;
    this.#note({ kind: 'replan', version: inUse.version, replaces: version, message });
    this.#options.log(`from ${nameOf(choice)} to ${nameOf(inUse.choice)}, because ${message}`);
  }

  /** What could not be put in place is no choice any more. */
  #giveUp(choice: AdaptiveChoice): void {
    this.#choices = this.#choices.filter((other) => other !== choice);
    if (this.#state.current === choice.plan.version) this.#state.current = this.#inUse.choice.plan.version;
    this.#tell({ kind: 'options', options: this.#planOptions() });
  }

  #note(event: Untimed): void {
    const atSeconds: Seconds = this.#options.clock.now();
    this.#options.gateway.feed.add({ ...event, atSeconds });
  }
}

type Untimed = Omit<AdaptationEvent, 'atSeconds'> | Omit<ReplanEvent, 'atSeconds'>;

const nameOf = ({ plan }: AdaptiveChoice): string => `${plan.planner} ${plan.version}`;
