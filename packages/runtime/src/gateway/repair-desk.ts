import { ConnectionError, type DeviceId, errorRecord } from '@tandem/core';
import { underOwnSignal } from '../wire/on-abort.ts';
import { Tasks } from '../wire/tasks.ts';
import type { AgentLink } from './agent-link.ts';
import type { Deployment } from './deployment.ts';
import { type Admission, devicesOf, gatewayPlanOf } from './gateway-plan-of.ts';
import type { PendingRequest } from './pending-request.ts';
import type { RepairDeskOptions } from './repair-desk-options.ts';
import {
  addSegments,
  type Repairable,
  type RepairableDeployment,
  type RepairTimes,
} from './repairable-deployment.ts';
import { type Repairer, reassignedDeployment, recutDeployment } from './repaired-deployment.ts';
import { resumedDeployment } from './resumed-deployment.ts';
import { StandBys } from './stand-bys.ts';
import { type Holdings, suffixGroups } from './suffix-groups.ts';

/** A version under which requests run: the whole, or what was left of it for some of them. */
interface Version {
  readonly of: RepairableDeployment;
  readonly deployment: Deployment;
}

/** Versions that repairs make are counted from here, away from those of plans. */
const firstVersion = 2 ** 30;
/** For an agent to end the stage that runs and say what it holds. */
const holdSeconds = 10;
/** Kinds of half-done requests that are continued; others begin again. */
const mostSuffixes = 6;
/** A device that another cannot reach, or that cannot take a stage, is not used for so long; a second time within it counts. */
const avoidSeconds = 30;

/**
 * Brings requests in flight to their end when devices are lost: has the survivors say what they hold, gives the stages of the lost to
 * others, and moves each request to a version that holds what is left of it (core/schedule/repair says what that is).
 */
export class RepairDesk {
  readonly #options: RepairDeskOptions;
  readonly #versions: Map<number, Version> = new Map();
  /** By what was deployed at first. */
  readonly #known: Map<Deployment, RepairableDeployment> = new Map();
  readonly #tasks: Tasks = new Tasks((error) => this.#options.log(errorRecord(error).message));
  /** Pairs of devices of which it is being found out. */
  readonly #accused: Set<string> = new Set();
  /** Versions that have lost a device, or two of whose devices do not reach each other. */
  readonly #severed: Set<number> = new Set();
  /** Since when pairs of devices have been known not to reach each other, and which are not used until when. */
  readonly #separated: Map<string, number> = new Map();
  readonly #avoided: Map<DeviceId, number> = new Map();
  /** Of the repair that goes on. */
  readonly #times: RepairTimes = { holdingSeconds: 0, placingSeconds: 0, loadingSeconds: 0 };
  #nextVersion = firstVersion;
  #running = false;
  #again = false;

  constructor(options: RepairDeskOptions) {
    this.#options = options;
  }

  /** From now on the deployment is repaired when it loses a device. */
  keep(deployment: Deployment, options: Repairable, standsBy: boolean): void {
    const { deployer, signal, log } = this.#options;
    const standBys = standsBy ? new StandBys({ deployer, signal, log, alive: () => this.#alive() }) : null;
    const segments = new Map(options.segments);
    const of = { ...options, segments, standBys, latest: deployment, stranded: false };
    this.#known.set(deployment, of);
    this.#versions.set(deployment.version, { of, deployment });
    this.#renewStandBys(of);
    this.look();
  }

  /** What the deployment has become. */
  latestOf(deployment: Deployment): Deployment {
    return this.#known.get(deployment)?.latest ?? deployment;
  }

  isKept({ version }: Deployment): boolean {
    return this.#versions.has(version);
  }

  /** Every version under which requests of the deployment run. */
  versionsOf(deployment: Deployment): readonly number[] {
    const of = this.#known.get(deployment);
    const own = [...this.#versions].filter(([, version]) => version.of === of).map(([version]) => version);
    return own.length === 0 ? [deployment.version] : own;
  }

  #renewStandBys(of: RepairableDeployment): void {
    of.standBys?.renew({ deployment: of.latest, ...of }, this.#nextVersion++);
  }

  /** Repairs the deployment no more. */
  forget(deployment: Deployment): void {
    this.#known.get(deployment)?.standBys?.end();
    for (const version of this.versionsOf(deployment)) this.#versions.delete(version);
    this.#known.delete(deployment);
  }

  /** Whether anything is to be repaired at all. */
  get isNeeded(): boolean {
    return this.#known.size > 0;
  }

  /** Resolves when nothing goes on any more; the signal has to be aborted. */
  async settled(): Promise<void> {
    for (const { standBys } of this.#known.values()) await standBys?.settled();
    await this.#tasks.settled();
  }

  /** A device cannot reach another: when that lives all the same, what waits for it there is moved. */
  accuse(accuser: DeviceId, accused: AgentLink | undefined): void {
    const { clock, signal, doubtSeconds } = this.#options;
    const pair = JSON.stringify([accuser, accused?.device]);
    if (accused === undefined || this.#accused.has(pair)) return;
    this.#accused.add(pair);
    accused.accuse();
    this.#tasks.start(async () => {
      await underOwnSignal(signal, (own) => clock.sleep(doubtSeconds, own.signal)).catch(() => undefined);
      this.#accused.delete(pair);
      if (!accused.signal.aborted && !signal.aborted) this.#separate(accuser, accused.device);
    });
  }

  /**
   * Two devices that are both alive do not reach each other. What ran through them is moved to a version of its own, for which they connect
   * again; when that does not help, the second is not used for a while.
   */
  #separate(accuser: DeviceId, accused: DeviceId): void {
    const now = this.#options.clock.now();
    const pair = JSON.stringify([accuser, accused]);
    const since = this.#separated.get(pair);
    this.#separated.set(pair, now);
    if (since !== undefined && now - since < avoidSeconds) this.#avoided.set(accused, now + avoidSeconds);
    for (const { deployment } of this.#versions.values()) {
      const devices = devicesOf(deployment);
      if (devices.has(accuser) && devices.has(accused)) this.#severed.add(deployment.version);
    }
    this.look();
  }

  /** What ran on the device is to be repaired, also when it is back before that begins: it has forgotten everything. */
  lost(device: DeviceId): void {
    for (const { deployment } of this.#versions.values())
      if (devicesOf(deployment).has(device)) this.#severed.add(deployment.version);
    this.look();
  }

  /** Some device came back, or versions were severed. */
  look(): void {
    this.#again = true;
    if (this.#running || this.#options.signal.aborted) return;
    this.#running = true;
    this.#tasks.start(async () => {
      try {
        while (this.#again && !this.#options.signal.aborted) {
          this.#again = false;
          await this.#repairAll();
        }
      } finally {
        this.#running = false;
      }
    });
  }

  async #repairAll(): Promise<void> {
    const { plane } = this.#options;
    const alive = this.#alive();
    const broken = [...this.#versions.values()].filter(
      ({ of, deployment }) =>
        of.stranded ||
        this.#severed.has(deployment.version) ||
        [...devicesOf(deployment)].some((device) => !alive.has(device)),
    );
    for (const { deployment } of broken) plane.suspend(deployment.version);
    const { clock } = this.#options;
    const begun = clock.now();
    const holdings = await this.#holdings(broken);
    this.#times.holdingSeconds = clock.now() - begun;
    for (const of of new Set(broken.map((version) => version.of))) {
      if (this.#again) return;
      const own = broken.filter((version) => version.of === of);
      await this.#repair(of, own, holdings);
    }
  }

  #alive(): ReadonlySet<DeviceId> {
    return new Set(this.#options.links().map(({ device }) => device));
  }

  /** Whether others reach it and it could take what it was given of late. */
  #isAble(device: DeviceId): boolean {
    return (this.#avoided.get(device) ?? 0) <= this.#options.clock.now();
  }

  /** Who does not answer holds nothing. */
  async #holdings(versions: readonly Version[]): Promise<Holdings> {
    const { links, signal } = this.#options;
    const held = new Map<number, Map<string, DeviceId[]>>();
    const questions = versions.flatMap(({ deployment }) => {
      const { version } = deployment;
      const devices = devicesOf(deployment);
      const asked = links().filter(({ device }) => devices.has(device));
      return asked.map(async (link) => {
        const answer = await link.ask({ kind: 'freeze', version }, `freeze ${version}`, holdSeconds, signal);
        if (answer.kind !== 'holding') return;
        for (const { request, tensors } of answer.requests) {
          const own = held.get(request) ?? new Map<string, DeviceId[]>();
          held.set(request, own);
          for (const tensor of tensors) own.set(tensor, [...(own.get(tensor) ?? []), link.device]);
        }
      });
    });
    await Promise.allSettled(questions);
    return held;
  }

  async #repair(of: RepairableDeployment, broken: readonly Version[], holdings: Holdings): Promise<void> {
    const { plane, clock } = this.#options;
    const begun = clock.now();
    this.#times.loadingSeconds = 0;
    const made: Deployment[] = [];
    const former = of.latest;
    try {
      const next = await this.#whole(of, broken, made);
      if (next === null) return this.#strand(of);
      const { deployment: whole, repairer } = next;
      const targets = await this.#suffixes(of, whole, broken, holdings, made);
      this.#times.placingSeconds = clock.now() - begun - this.#times.loadingSeconds;
      if (this.#again) throw new ConnectionError('another device was lost meanwhile', 'Repair again.');
      of.latest = whole;
      of.repairer = repairer;
      of.stranded = false;
      const moving = broken.flatMap(({ deployment }) => [...plane.unanswered(deployment.version)]);
      moving.sort((left, right) => left.first - right.first);
      for (const pending of moving) plane.move(pending, targets.get(pending) ?? whole);
      this.#note(former, whole, moving, targets);
      for (const { deployment } of broken) this.#drop(deployment.version);
      if (whole !== former) this.#renewStandBys(of);
      for (const deployment of made) if (deployment !== whole) this.#dropWhenEmpty(deployment.version);
    } catch (error) {
      for (const { version } of made) this.#drop(version);
      if (this.#again) return this.#options.log(`repairs once more: ${errorRecord(error).message}`);
      for (const { deployment } of broken) plane.abandon(deployment.version, errorRecord(error));
      of.stranded = true;
    }
  }

  /** The version for requests to come, which those that begin again are moved to as well; null = nobody can run it. */
  async #whole(
    of: RepairableDeployment,
    broken: readonly Version[],
    made: Deployment[],
  ): Promise<{ readonly deployment: Deployment; readonly repairer: Repairer | undefined } | null> {
    const { latest, repairer, admission } = of;
    if (!of.stranded && !broken.some(({ deployment }) => deployment === latest))
      return { deployment: latest, repairer };
    const alive = [...this.#alive()];
    const version = this.#nextVersion++;
    const standBys = of.standBys?.places ?? new Map<number, DeviceId>();
    const places = { version, standBys, ...(repairer === undefined ? {} : { repairer }) };
    const able = alive.filter((device) => this.#isAble(device));
    const trusted = able.filter((device) => this.#options.isReliable(device));
    const whole = [trusted, able, alive].reduce<Deployment | null>(
      (found, survivors) => found ?? reassignedDeployment(latest, { ...places, survivors }),
      null,
    );
    const cut = whole === null ? recutDeployment(latest, { ...places, survivors: able }) : null;
    const deployment = whole ?? cut?.deployment;
    if (deployment === undefined) return null;
    if (cut !== null) addSegments(of, cut.recut.segments);
    await this.#loaded(this.#deploy(of, deployment, { ...admission, follows: latest.version }, made));
    return { deployment, repairer: cut === null ? repairer : cut.recut.repairer() };
  }

  /** Versions for the requests that need not begin again. */
  async #suffixes(
    of: RepairableDeployment,
    whole: Deployment,
    broken: readonly Version[],
    holdings: Holdings,
    made: Deployment[],
  ): Promise<ReadonlyMap<PendingRequest, Deployment>> {
    const pendings = broken.flatMap(({ deployment }) => [
      ...this.#options.plane.unanswered(deployment.version),
    ]);
    const groups = suffixGroups(whole, pendings, holdings, this.#alive());
    const kept = groups.toSorted((left, right) => right.members.length - left.members.length);
    const targets = new Map<PendingRequest, Deployment>();
    const deploying = kept.slice(0, mostSuffixes).map(async ({ suffix, members }) => {
      const version = this.#nextVersion++;
      const standBys = of.standBys?.places ?? new Map<number, DeviceId>();
      const alive = this.#alive();
      const from = { former: of.latest, whole, suffix: { ...suffix, version }, alive, standBys };
      const { deployment, segments } = resumedDeployment(from, of.repairer);
      addSegments(of, segments);
      const { ordered = false } = of.admission;
      const room = { window: members.length, waiting: members.length, ordered };
      await this.#deploy(of, deployment, { ...room, follows: of.latest.version }, made);
      for (const member of members) targets.set(member, deployment);
    });
    for (const result of await this.#loaded(Promise.allSettled(deploying)))
      if (result.status === 'rejected')
        this.#options.log(`begins again: ${errorRecord(result.reason).message}`);
    return targets;
  }

  async #loaded<Result>(loading: Promise<Result>): Promise<Result> {
    const begun = this.#options.clock.now();
    const result = await loading;
    this.#times.loadingSeconds += this.#options.clock.now() - begun;
    return result;
  }

  async #deploy(
    of: RepairableDeployment,
    deployment: Deployment,
    admission: Admission,
    made: Deployment[],
  ): Promise<void> {
    const { deployer, plane, signal } = this.#options;
    const onFailed = (device: DeviceId): void => this.#spare(device);
    const { follows } = admission;
    await deployer.deploy(deployment, of.segments, { signal, onFailed, follows });
    made.push(deployment);
    this.#versions.set(deployment.version, { of, deployment });
    plane.deploy(gatewayPlanOf(deployment, admission));
  }

  /** A device could not take what it was given, for want of room on its disk for instance: others are tried, each once. */
  #spare(device: DeviceId): void {
    if (!this.#isAble(device)) return;
    this.#avoided.set(device, this.#options.clock.now() + avoidSeconds);
    this.#again = true;
  }

  /** Nobody who is left can run it: whoever comes back in time still can. */
  #strand(of: RepairableDeployment): void {
    const { clock, signal, plane, returnSeconds } = this.#options;
    if (of.stranded) return;
    of.stranded = true;
    this.#tasks.start(async () => {
      await underOwnSignal(signal, (own) => clock.sleep(returnSeconds, own.signal)).catch(() => undefined);
      if (!of.stranded || signal.aborted) return;
      const gone = new ConnectionError(
        `no device that is left can run the plan: ${[...this.#alive()].join(', ') || 'none'} remain`,
        'Start the agents that are missing again, or plan for those that remain.',
      );
      // Those that broke meanwhile, too.
      for (const [version, own] of this.#versions) if (own.of === of) plane.abandon(version, gone.toJSON());
    });
  }

  #note(
    { version: replaces }: Deployment,
    { version }: Deployment,
    moving: readonly PendingRequest[],
    targets: ReadonlyMap<PendingRequest, Deployment>,
  ): void {
    const { clock, trace, log } = this.#options;
    const continued = moving.filter((pending) => targets.has(pending)).length;
    const message = `${moving.length} requests were moved, ${continued} of them from where they were`;
    const atSeconds = clock.now();
    trace({ kind: 'repair', atSeconds, version, replaces, message });
    trace({ kind: 'repair-parts', atSeconds, version, ...this.#times });
    log(`version ${version} repairs version ${replaces}: ${message}`);
  }

  #dropWhenEmpty(version: number): void {
    const { plane } = this.#options;
    this.#tasks.start(async () => {
      await Promise.allSettled(plane.unanswered(version).map(({ answer }) => answer));
      if (this.#versions.has(version) && plane.unanswered(version).length === 0) this.#drop(version);
    });
  }

  #drop(version: number): void {
    const { plane, deployer, signal } = this.#options;
    this.#versions.delete(version);
    this.#severed.delete(version);
    plane.withdraw(version);
    this.#tasks.start(() => deployer.withdraw(version, signal).catch(() => undefined));
  }
}
