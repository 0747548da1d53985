import { setTimeout as sleep } from 'node:timers/promises';
import { type ChaosFault, type DeviceId, errorRecord, type Random } from '@tandem/core';
import type { ChaosFleet } from './chaos-fleet.ts';
import type { ChaosGateway } from './chaos-gateway.ts';
import { HitStages } from './hit-stages.ts';
import { inflict } from './inflict.ts';
import type { Standing } from './standing.ts';

/** One thing that was done. */
export interface DoneFault {
  readonly kind: ChaosFault['kind'];
  /** None where the gateway was hit. */
  readonly devices: readonly DeviceId[];
  /** That the devices ran last, from 0. */
  readonly stages: readonly number[];
  readonly afterRequests: number;
  readonly inFlight: number;
  /** The stages that the devices were running, one a request, by the trace; all devices' where the gateway was hit. */
  readonly inside: readonly number[];
  /** From the fault's end until the gateway had all its devices again; null = it had not, 20 s later. */
  readonly backSeconds: number | null;
}

export interface FaultDriverOptions {
  readonly faults: readonly ChaosFault[];
  readonly fleet: ChaosFleet;
  readonly gateway: ChaosGateway;
  readonly random: Random;
  /** Requests in flight at a fault, where it can be had. */
  readonly leastInFlight: number;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

interface Occurrence {
  readonly fault: ChaosFault;
  readonly at: number;
}

/** Looks for a moment at which a victim is at work, so often. */
const mostLooks = 40;
const backLimitSeconds = 20;

/**
 * Does one fault after another, each when so many requests have ended. Those before may still last, or their devices be on their way
 * back, as long as two devices are left beside.
 */
export class FaultDriver {
  readonly done: DoneFault[] = [];
  readonly #options: FaultDriverOptions;
  readonly #due: Occurrence[];
  #ended = 0;
  readonly #stages: HitStages = new HitStages();
  readonly #running: Map<Promise<void>, number> = new Map();

  constructor(options: FaultDriverOptions) {
    this.#options = options;
    this.#due = occurrencesOf(options.faults);
  }

  /** So many requests have ended by now. */
  progress(ended: number): void {
    this.#ended = ended;
    this.#begin();
  }

  /** Undoes what is being done; the signal has to be aborted. */
  async settled(): Promise<void> {
    await Promise.all(this.#running.keys());
  }

  #begin(): void {
    const next = this.#due[0];
    if (next === undefined || next.at > this.#ended || this.#options.signal.aborted) return;
    if (!this.#isSpared(next.fault)) return;
    this.#due.shift();
    const running = this.#do(next.fault)
      .catch((error: unknown) => {
        const { signal, log } = this.#options;
        const why = signal.aborted ? 'the stream was over before' : errorRecord(error).message;
        log(`${next.fault.kind} was not done: ${why}`);
      })
      .finally(() => {
        this.#running.delete(running);
        this.#begin();
      });
    this.#running.set(running, next.fault.together);
  }

  /** Whether enough devices are left to do this one beside those that go on. */
  #isSpared({ together }: ChaosFault): boolean {
    const hit = [...this.#running.values()].reduce((sum, count) => sum + count, 0);
    return hit === 0 || hit + together <= Object.keys(this.#options.fleet.addresses).length - 2;
  }

  async #do(fault: ChaosFault): Promise<void> {
    const { fleet, gateway, random, signal, log } = this.#options;
    const { devices, standing } = await this.#victims(fault);
    const stages = [...standing.runs].flatMap(([stage, device]) => (devices.includes(device) ? [stage] : []));
    const struck = fault.kind === 'gateway-kill' ? [...standing.inside.keys()] : devices;
    const inside = struck.flatMap((device) => [...(standing.inside.get(device)?.values() ?? [])]);
    const { inFlight } = standing;
    if (fault.kind !== 'gateway-kill') this.#stages.hit(inside);
    log(
      `${fault.kind}${devices.length === 0 ? '' : ` of ${devices.join(', ')}`}: ${inFlight} requests in flight, stages ${inside.join(', ')} inside`,
    );
    const { kind } = fault;
    if (kind === 'gateway-kill') await gateway.kill(fault.forSeconds, signal);
    else await Promise.all(devices.map((device) => inflict({ fleet, device, kind, fault, random, signal })));
    const backSeconds = await this.#untilBack(struck);
    const afterRequests = this.#ended;
    this.done.push({ kind, devices, stages, afterRequests, inFlight, inside, backSeconds });
  }

  /**
   * Those that are named, else some that run stages, at a moment at which they are at work: the stage that was hit least before. The gateway,
   * while any is at work.
   */
  async #victims(
    fault: ChaosFault,
  ): Promise<{ readonly devices: readonly DeviceId[]; readonly standing: Standing }> {
    const { signal, random, leastInFlight } = this.#options;
    for (let look = 1; ; look++) {
      const standing = await this.#standing();
      const isLast = look === mostLooks;
      const devices = fault.devices ?? this.#stages.victims(standing, fault.together, isLast);
      const isIdleGood = (isOfLoading(fault) && devices.length > 0) || isLast;
      const isBusy = (device: DeviceId): boolean => (standing.inside.get(device)?.size ?? 0) > 0;
      const wanted = fault.kind === 'gateway-kill' ? [...standing.inside.keys()].filter(isBusy) : devices;
      const isAtWork = standing.inFlight >= leastInFlight && wanted.length > 0 && wanted.every(isBusy);
      if (isIdleGood || isAtWork) return { devices, standing };
      await sleep(1 + random.integer(20), undefined, { signal });
    }
  }

  /** A device that is lost while it is asked ends the asking of all. */
  async #standing(): Promise<Standing> {
    const { gateway, signal } = this.#options;
    for (;;) {
      signal.throwIfAborted();
      const standing = await gateway.standing(signal).catch(() => null);
      if (standing !== null) return standing;
      await sleep(20, undefined, { signal });
    }
  }

  async #untilBack(devices: readonly DeviceId[]): Promise<number | null> {
    const { gateway, signal } = this.#options;
    const start = performance.now();
    while (!signal.aborted) {
      const pings = await Promise.allSettled(devices.map((device) => gateway.ping(device, signal)));
      const took = (performance.now() - start) / 1000;
      if (pings.every(({ status }) => status === 'fulfilled')) return took;
      if (took > backLimitSeconds) return null;
      await sleep(20, undefined, { signal }).catch(() => undefined);
    }
    return null;
  }
}

/** What a device has loaded needs no disk any more, and hardly any memory: those that stand by are hit as well. */
const isOfLoading = ({ kind }: ChaosFault): boolean => kind === 'disk-full' || kind === 'memory-squeeze';

function occurrencesOf(faults: readonly ChaosFault[]): Occurrence[] {
  return faults
    .flatMap((fault) =>
      Array.from({ length: fault.times }, (_, time) => ({
        fault,
        at: fault.afterRequests + time * fault.everyRequests,
      })),
    )
    .sort((left, right) => left.at - right.at);
}
