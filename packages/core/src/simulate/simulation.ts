import type { DeviceId } from '../cluster/cluster.ts';
import { rateAt } from '../cluster/rate-at.ts';
import { InvalidInputError, RefusedError } from '../errors.ts';
import type { AgentStateLimits } from '../schedule/agent-state.ts';
import type { TraceEvent } from '../trace/trace.ts';
import { pipelineArrivals } from './arrival-times.ts';
import { answerLookup, decisionHooks } from './decision-hooks.ts';
import { EventQueue } from './event-queue.ts';
import { type PipelineParts, pipelineParts } from './pipeline-routes.ts';
import type { Scenario, ScenarioChange, ScenarioPipeline, ScenarioStage } from './scenario.ts';
import { SimAgent } from './sim-agent.ts';
import { SimGateway } from './sim-gateway.ts';
import { SimLine, type SimLink } from './sim-line.ts';
import { nowOf, type Recorder, type SimulationContext } from './simulation-context.ts';
import type { SimulationHooks } from './simulation-hooks.ts';
import { Surroundings } from './surroundings.ts';

export interface SimulationOptions {
  /** Of Poisson arrivals and of what is decided by share. @default 1 */
  readonly seed?: number;
  readonly hooks?: SimulationHooks;
  /** Called with each decision of a schedule, for `replay`. */
  readonly record?: Recorder;
  /** Where the simulation stops though there is more to do. @default 100 million events */
  readonly mostEvents?: number;
}

export interface SimulationEnd {
  /** Whether nothing was left to do. */
  readonly finished: boolean;
  /** How many there were: ends of stages and transfers, arrivals, messages between schedules. */
  readonly events: number;
}

/** No limits but those of the scenario: what is simulated has a real agent's decisions and no real agent's memory. */
export const simulatedLimits: Partial<AgentStateLimits> = {
  requests: Number.MAX_SAFE_INTEGER,
  plans: Number.MAX_SAFE_INTEGER,
};

/**
 * Drives the schedules of the agents and the gateway through a scenario, and hands what happens to `emit`, in order. Throws
 * InvalidInputError on a scenario that names what it does not have.
 */
export function runScenario(
  scenario: Scenario,
  emit: (event: TraceEvent) => void,
  options: SimulationOptions = {},
): SimulationEnd {
  const running = pacedScenario(scenario, emit, options);
  for (;;) {
    const { done, value } = running.next();
    if (done === true) return value;
  }
}

/** Handled between two turns: some hundredths of a second. */
const eventsATurn = 20_000;

/** As `runScenario`, but hands the turn back every so often, with the number of events so far. */
export function* pacedScenario(
  scenario: Scenario,
  emit: (event: TraceEvent) => void,
  options: SimulationOptions = {},
): Generator<number, SimulationEnd, undefined> {
  return yield* new Simulation(scenario, emit, options).run(options.mostEvents ?? 100_000_000);
}

class Simulation {
  readonly #scenario: Scenario;
  readonly #queue = new EventQueue();
  readonly #context: SimulationContext;
  readonly #agents: Map<DeviceId, SimAgent> = new Map();
  readonly #gateway: SimGateway;
  readonly #links: Map<DeviceId, Map<DeviceId, SimLink>> = new Map();
  readonly #parts: Map<number, PipelineParts> = new Map();
  readonly #seed: number;
  /** By version: who runs what arrives for it. */
  readonly #switched: Map<number, number> = new Map();
  /** Versions that agents and gateway know. */
  readonly #deployed: Set<number> = new Set();
  readonly #surroundings: Surroundings;
  #requests = 0;

  constructor(
    scenario: Scenario,
    emit: (event: TraceEvent) => void,
    { seed = 1, hooks = {}, record }: SimulationOptions,
  ) {
    this.#scenario = scenario;
    this.#seed = seed;
    this.#context = {
      queue: this.#queue,
      hooks: { ...decisionHooks(scenario, seed, () => this.#surroundings), ...hooks },
      exitAnswer: answerLookup(scenario),
      emit: (event) => {
        emit(event);
        this.#surroundings.see(event);
      },
      record: record ?? null,
      stageOf: stageLookup(scenario),
      bytesOf: bytesLookup(scenario),
      tellAgent: (device, event) => this.#queue.soon(() => this.#agents.get(device)?.tell(event)),
      tellGateway: (event) => this.#queue.soon(() => this.#gateway.tell(event)),
    };
    this.#surroundings = new Surroundings(scenario, this.#context, {
      changeSpeed: (device, factor) => this.#changeSpeed(device, factor),
      lose: (device) => this.#fail({ device, policy: 'lost' }),
      rateOf: (from, to) => this.#links.get(from)?.get(to)?.rateNow(this.#queue.now) ?? 0,
      admitFrom: (leastPriority) => this.#gateway.tell({ kind: 'admission', leastPriority }),
      switchPlan: (from, to, reason, message) => this.#switch({ from, to, reason, message }),
    });
    const stops = scenario.pipelines.map(({ version, clientStopsAtSeconds }): [number, number] => {
      return [version, clientStopsAtSeconds ?? Number.POSITIVE_INFINITY];
    });
    this.#gateway = new SimGateway(this.#context, new Map(stops));
    this.#addLinks();
    for (const device of scenario.devices) this.#addAgent(device);
    for (const pipeline of scenario.pipelines) this.#parts.set(pipeline.version, this.#checked(pipeline));
    for (const change of scenario.changes ?? []) this.#check(change);
  }

  *run(mostEvents: number): Generator<number, SimulationEnd, undefined> {
    const { pipelines, changes = [], adaptation } = this.#scenario;
    const later = new Set(changes.flatMap((change) => (change.kind === 'switch' ? [change.to] : [])));
    for (const { version } of adaptation?.options ?? [])
      if (version !== adaptation?.current) later.add(version);
    for (const { version } of pipelines) if (!later.has(version)) this.#deploy(version);
    for (const change of changes) this.#queue.at(change.atSeconds, () => this.#change(change));
    for (const pipeline of pipelines) this.#plan(pipeline);
    this.#surroundings.start();
    for (;;) {
      const { events } = this.#queue;
      const finished = this.#queue.run(Math.min(mostEvents, events + eventsATurn));
      if (finished || this.#queue.events >= mostEvents) return { finished, events: this.#queue.events };
      yield this.#queue.events;
    }
  }

  #addLinks(): void {
    const lines = new Map<string, SimLine>();
    for (const each of this.#scenario.links) {
      const { from, to, rate, medium, delaySeconds = 0, perMessageSeconds = 0, burstBytes = 0 } = each;
      const line = lines.get(medium ?? '') ?? new SimLine(this.#queue);
      if (medium !== undefined) lines.set(medium, line);
      const rateNow = (now: number): number => rateAt(link, now) * link.factor;
      const times = { delaySeconds, perMessageSeconds, burstBytes };
      const link: SimLink = { from, to, rate, ...times, line, factor: 1, rateNow };
      const row = this.#links.get(from) ?? new Map<DeviceId, SimLink>();
      this.#links.set(from, row.set(to, link));
    }
  }

  #addAgent(device: DeviceId): void {
    const links = this.#links.get(device) ?? new Map<DeviceId, SimLink>();
    const after = (to: DeviceId): number => {
      const stated = this.#scenario.acknowledgementSeconds;
      return stated ?? links.get(to)?.delaySeconds ?? this.#links.get(to)?.get(device)?.delaySeconds ?? 0;
    };
    this.#agents.set(device, new SimAgent(device, this.#context, simulatedLimits, links, after));
  }

  #checked(pipeline: ScenarioPipeline): PipelineParts {
    const parts = pipelineParts(pipeline);
    for (const [device, { departures }] of parts.agents) {
      if (!this.#agents.has(device)) throw unknown(pipeline, `device ${device}`);
      for (const { tensor, to } of departures) {
        const missing = to.find((party) => party !== null && this.#links.get(device)?.has(party) !== true);
        if (missing !== undefined)
          throw unknown(pipeline, `a link from ${device} to ${missing} for tensor ${tensor}`);
      }
    }
    return parts;
  }

  #check(change: ScenarioChange): void {
    const { kind } = change;
    const isKnown = this.#isKnown(change);
    if (isKnown) return;
    throw new InvalidInputError(
      `the change '${kind}' at ${change.atSeconds} s names a device, link, sensor or version that the scenario does not have`,
      `Name one of the devices ${this.#scenario.devices.join(', ')}, or a link between them.`,
    );
  }

  #isKnown(change: ScenarioChange): boolean {
    switch (change.kind) {
      case 'rate':
        return this.#links.get(change.from)?.has(change.to) === true;
      case 'switch':
        return this.#parts.has(change.from) && this.#parts.has(change.to);
      case 'sensor':
        return this.#scenario.sensors?.some(({ sensor }) => sensor === change.sensor) === true;
      case 'command':
        return true;
      default:
        return this.#agents.has(change.device);
    }
  }

  #deploy(version: number): void {
    const parts = this.#parts.get(version);
    if (parts === undefined) return;
    this.#deployed.add(version);
    this.#context.emit({ kind: 'deployed', atSeconds: nowOf(this.#context), version });
    for (const [device, plan] of parts.agents) this.#agents.get(device)?.tell({ kind: 'deployed', plan });
    this.#gateway.tell({ kind: 'deployed', plan: parts.gateway });
  }

  #plan(pipeline: ScenarioPipeline): void {
    const { version, priorities } = pipeline;
    const times = pipelineArrivals(pipeline, this.#seed);
    let turn = 0;
    const next = (): void => {
      const { done, value } = times.next();
      if (done !== true) this.#queue.at(value, arrive);
    };
    const arrive = (): void => {
      const by = this.#switched.get(version) ?? version;
      const request = this.#requests++;
      this.#context.emit({ kind: 'arrival', atSeconds: nowOf(this.#context), version: by, request });
      const priority = priorities?.[turn++ % priorities.length];
      const submitted = { kind: 'submitted', version: by, request } as const;
      this.#gateway.tell(priority === undefined ? submitted : { ...submitted, priority });
      next();
    };
    next();
  }

  #change(change: ScenarioChange): void {
    if (this.#surroundings.change(change)) return;
    if (change.kind === 'rate') this.#changeRate(change);
    if (change.kind === 'fail') this.#fail(change);
    if (change.kind === 'switch') this.#switch(change);
  }

  #changeSpeed(device: DeviceId, factor: number): void {
    this.#context.emit({ kind: 'speed', atSeconds: nowOf(this.#context), device, factor });
    this.#agents.get(device)?.changeSpeed(factor);
  }

  /** What runs `to` already is kept. */
  #switch({ from, to, reason, message }: PlanSwitch): void {
    if (!this.#deployed.has(to)) {
      // Whoever lost a device takes no more requests for what ran on it, unless it is deployed anew.
      for (const device of this.#parts.get(to)?.agents.keys() ?? [])
        this.#agents.get(device)?.tell({ kind: 'withdrawn', version: to });
      this.#gateway.tell({ kind: 'withdrawn', version: to });
      this.#deploy(to);
    }
    for (const [version, by] of this.#switched) if (by === from) this.#switched.set(version, to);
    this.#switched.set(from, to);
    const atSeconds = nowOf(this.#context);
    this.#context.emit({ kind: reason, atSeconds, version: to, replaces: from, message });
  }

  #changeRate({ from, to, factor }: Extract<ScenarioChange, { kind: 'rate' }>): void {
    const link = this.#links.get(from)?.get(to);
    if (link === undefined) return;
    link.line.changeFactor(link, factor);
    const bitsPerSecond = link.rateNow(this.#queue.now);
    this.#context.emit({ kind: 'rate', atSeconds: nowOf(this.#context), from, to, bitsPerSecond });
  }

  #fail({
    device,
    policy,
    backAtSeconds,
  }: Pick<Extract<ScenarioChange, { kind: 'fail' }>, 'device' | 'policy' | 'backAtSeconds'>): void {
    const { emit } = this.#context;
    emit({ kind: 'device-lost', atSeconds: nowOf(this.#context), device });
    this.#agents.get(device)?.fail(policy);
    if (policy === 'lost') this.#tellOfLoss(device);
    if (policy === 'lost')
      for (const [version, { agents }] of this.#parts) if (agents.has(device)) this.#deployed.delete(version);
    if (backAtSeconds === undefined) return;
    this.#queue.at(Math.max(backAtSeconds, this.#queue.now), () => {
      emit({ kind: 'device-back', atSeconds: nowOf(this.#context), device });
      this.#agents.get(device)?.recover();
    });
  }

  #tellOfLoss(device: DeviceId): void {
    const error = new RefusedError(`device ${device} was lost`, 'Plan again without it.').toJSON();
    for (const [other, agent] of this.#agents)
      if (other !== device) agent.tell({ kind: 'peer-lost', peer: device, error });
    this.#gateway.tell({ kind: 'peer-lost', peer: device, error });
  }
}

type PlanSwitch = Pick<Extract<ScenarioChange, { kind: 'switch' }>, 'from' | 'to' | 'reason' | 'message'>;

function stageLookup({ pipelines }: Scenario): SimulationContext['stageOf'] {
  const rows = new Map<number, Map<string, Map<number, ScenarioStage>>>();
  for (const { version, stages } of pipelines) {
    const devices = new Map<string, Map<number, ScenarioStage>>();
    rows.set(version, devices);
    for (const stage of stages) {
      const own = devices.get(stage.device) ?? new Map<number, ScenarioStage>();
      devices.set(stage.device, own.set(stage.stage, stage));
    }
  }
  return (version, stage, device) => {
    const row = rows.get(version)?.get(device)?.get(stage);
    if (row !== undefined) return row;
    throw new InvalidInputError(
      `version ${version} has no stage ${stage} on device ${device}`,
      'Report this: it should not happen.',
    );
  };
}

function bytesLookup({ pipelines }: Scenario): SimulationContext['bytesOf'] {
  const everywhere = new Map<number, Map<string, number>>();
  const onLinks = new Map<string, number>();
  for (const { version, tensors } of pipelines) {
    const sizes = new Map<string, number>();
    everywhere.set(version, sizes);
    for (const { tensor, bytes, on } of tensors) {
      if (on === undefined) sizes.set(tensor, bytes);
      else onLinks.set(JSON.stringify([version, tensor, on.from, on.to]), bytes);
    }
  }
  return (version, tensor, from, to) => {
    const own = onLinks.size === 0 ? undefined : onLinks.get(JSON.stringify([version, tensor, from, to]));
    return own ?? everywhere.get(version)?.get(tensor) ?? 0;
  };
}

function unknown({ version }: ScenarioPipeline, what: string): InvalidInputError {
  return new InvalidInputError(
    `version ${version} of the scenario needs ${what}, which the scenario does not have`,
    'Name every device and link that the pipelines use.',
  );
}
