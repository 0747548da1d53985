import type { DynamicsEvent } from '../schedule/dynamics/dynamics-event.ts';
import type { TraceEvent } from '../trace/trace.ts';
import { BusySince, BusyTimes } from './busy-times.ts';
import type { Sureness } from './decision-hooks.ts';
import type { Scenario, ScenarioChange } from './scenario.ts';
import { type Actuators, SimAdapter } from './sim-adapter.ts';
import { SimBody } from './sim-body.ts';
import { SimSensors } from './sim-sensors.ts';
import { nowOf, type SimulationContext } from './simulation-context.ts';

const sampleSeconds = 0.1;
/** Samples between two looks at temperatures and batteries, and at the load. */
const bodySamples = 5;
const loadSamples = 10;

/** What surroundings have the simulation do. */
export interface SurroundingsPort extends Pick<Actuators, 'switchPlan' | 'admitFrom'> {
  /** From now on the device takes its usual times divided by the product of all that was said of it. */
  changeSpeed(device: string, factor: number): void;
  lose(device: string): void;
  rateOf(from: string, to: string): number;
}

/** What makes a device faster or slower; all multiply. */
interface Pace {
  changed: number;
  throttled: number;
  clock: number;
  duty: number;
}

/** What is around the pipelines of a scenario: heat, batteries, where inputs come from, and who adapts to all that. */
export class Surroundings implements Actuators, Sureness {
  readonly #context: SimulationContext;
  readonly #port: SurroundingsPort;
  readonly #bodies: readonly SimBody[];
  readonly #busy = new BusyTimes();
  readonly #worked = new BusySince(this.#busy);
  readonly #paces: Map<string, Pace> = new Map();
  /** Devices whose battery has run out, each lost once. */
  readonly #empty: Set<string> = new Set();
  readonly #qualities: Map<string, number>;
  readonly #adapter: SimAdapter | null;
  readonly #sensors: SimSensors | null;
  #inUse: string;
  #threshold = 1;
  #samples = 0;

  constructor(scenario: Scenario, context: SimulationContext, port: SurroundingsPort) {
    const { bodies = [], sensors = [], adaptation } = scenario;
    this.#context = context;
    this.#port = port;
    this.#bodies = bodies.map((body) => new SimBody(body));
    this.#qualities = new Map(sensors.map(({ sensor, quality }) => [sensor, quality]));
    this.#inUse = sensors[0]?.sensor ?? '';
    const sensor = sensors[0] === undefined ? {} : { sensor: this.#inUse };
    this.#adapter =
      adaptation === undefined ? null : new SimAdapter(context, { ...sensor, ...adaptation }, this);
    this.#sensors =
      adaptation === undefined
        ? null
        : new SimSensors(context, adaptation.options, {
            busy: this.#busy,
            rateOf: (from, to) => port.rateOf(from, to),
            tell: (event) => this.#tell(event),
          });
  }

  start(): void {
    if (this.#adapter !== null || this.#bodies.length > 0) this.#sampleLater();
  }

  see(event: TraceEvent): void {
    if (this.#adapter === null && this.#bodies.length === 0) return;
    this.#busy.see(event);
    this.#sensors?.see(event);
  }

  /** False = it is nothing of the surroundings. */
  change(change: ScenarioChange): boolean {
    if (change.kind === 'speed') this.#changePace(change.device, { changed: change.factor });
    else if (change.kind === 'sensor') this.#qualities.set(change.sensor, change.quality);
    else if (change.kind === 'command') this.#tell({ kind: 'command', command: change.command });
    else return false;
    return true;
  }

  quality(): number {
    return this.#qualities.get(this.#inUse) ?? 1;
  }

  threshold(): number {
    return this.#threshold;
  }

  seen(value: number): void {
    this.#tell({ kind: 'confidence', value });
  }

  switchPlan(from: number, to: number, reason: 'repair' | 'replan', message: string): void {
    this.#port.switchPlan(from, to, reason, message);
  }

  setPace(device: string, pace: { readonly clock: number } | { readonly duty: number }): void {
    this.#changePace(device, pace);
  }

  admitFrom(leastPriority: number | null): void {
    this.#port.admitFrom(leastPriority);
  }

  setThreshold(factor: number): void {
    this.#threshold = factor;
  }

  useSensor(sensor: string): void {
    this.#inUse = sensor;
  }

  /** After what is being done, so that a decision does not change what it follows from. */
  #tell(event: DynamicsEvent): void {
    if (this.#adapter !== null) this.#context.queue.soon(() => this.#adapter?.tell(event));
  }

  #changePace(device: string, change: Partial<Pace>): void {
    const pace = { ...this.#paceOf(device), ...change };
    this.#paces.set(device, pace);
    this.#port.changeSpeed(device, pace.changed * pace.throttled * pace.clock * pace.duty);
  }

  #paceOf(device: string): Pace {
    return this.#paces.get(device) ?? { changed: 1, throttled: 1, clock: 1, duty: 1 };
  }

  #sampleLater(): void {
    const { queue } = this.#context;
    queue.at(queue.now + sampleSeconds, () => {
      this.#sample(++this.#samples);
      // With nothing planned there is nothing left that could change.
      if (!queue.isEmpty) this.#sampleLater();
    });
  }

  #sample(count: number): void {
    this.#sensors?.sample();
    if (count % bodySamples === 0) for (const body of this.#bodies) this.#read(body);
    if (count % loadSamples !== 0) return;
    this.#sensors?.sampleLoad(loadSamples * sampleSeconds);
    for (const [sensor, quality] of this.#qualities) this.#tell({ kind: 'sensor', sensor, quality });
  }

  #read(sim: SimBody): void {
    const { device, heat, battery } = sim.body;
    const now = nowOf(this.#context);
    const pace = this.#paceOf(device);
    // On a duty cycle a stage takes longer and the device works for a part of it.
    const busySeconds = this.#worked.take(device, now) * pace.duty;
    const { celsius, isThrottled, charge } = sim.pass(now, busySeconds, pace.throttled * pace.clock);
    if (heat !== undefined) {
      const limitCelsius = heat.limitCelsius;
      this.#tell({ kind: 'temperature', device, celsius, limitCelsius });
      const throttled = isThrottled ? heat.throttledClock : 1;
      if (throttled !== pace.throttled) {
        this.#changePace(device, { throttled });
        this.#tell({ kind: 'throttle', device, isThrottled });
      }
    }
    if (battery === undefined || this.#empty.has(device)) return;
    if (charge > 0) return this.#tell({ kind: 'battery', device, share: charge });
    this.#empty.add(device);
    this.#port.lose(device);
  }
}
