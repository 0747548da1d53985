import { type DeviceId, errorFromRecord, type Seconds } from '@tandem/core';
import type { SegmentSource } from '../segment/segment.ts';
import { Turns } from '../turns.ts';
import type { Deploy, DeployedPeer } from '../wire/message.ts';
import { type AgentLink, named } from './agent-link.ts';
import { withAgreedLossless } from './agreed-lossless.ts';
import type { Deployment } from './deployment.ts';
import { checkDeployment } from './deployment-check.ts';
import type { GatewayLimits } from './gateway-options.ts';
import { devicesOf } from './gateway-plan-of.ts';
import { type SegmentProgress, sendSegments } from './send-segments.ts';
import type { TraceCollector, TraceSubject } from './trace-collector.ts';

export interface LoadedStage {
  readonly stage: number;
  readonly device: DeviceId;
  readonly loadSeconds: Seconds;
}

export interface DeployerOptions {
  readonly limits: GatewayLimits;
  readonly traces: TraceCollector;
  /** Throws InvalidInputError for a device that has not joined. */
  readonly link: (device: DeviceId) => AgentLink;
  /** Everybody who has joined and is not lost. */
  readonly links: () => readonly AgentLink[];
}

export interface Deploying {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: SegmentProgress) => void;
  readonly trace?: TraceSubject;
  /** The version that this one continues, by whose name a trace knows it. */
  readonly follows?: number | undefined;
  /** Of the deployment's decisions. */
  readonly matrices?: Uint8Array<ArrayBuffer>;
  /** A device that is there could not take what is its own. */
  readonly onFailed?: (device: DeviceId) => void;
}

interface Loading extends Pick<Deploying, 'signal'> {
  readonly message: Deploy;
  readonly matrices: Uint8Array<ArrayBuffer> | undefined;
}

/** Brings deployments to the agents: all that it needs or nothing. */
export class Deployer {
  readonly #options: DeployerOptions;
  /** An agent is asked about one segment at a time. */
  readonly #sending: Turns = new Turns();

  constructor(options: DeployerOptions) {
    this.#options = options;
  }

  /** Sends segments that are lacking and has every agent load its stages. When one fails, the others withdraw it. */
  async deploy(
    deployment: Deployment,
    segments: ReadonlyMap<string, SegmentSource>,
    { signal, onProgress = () => undefined, trace, follows, matrices, onFailed = () => undefined }: Deploying,
  ): Promise<readonly LoadedStage[]> {
    checkDeployment(deployment);
    const links = [...devicesOf(deployment)].map((device) => this.#options.link(device));
    const { storeSeconds } = this.#options.limits;
    const tried = <Result>(link: AgentLink, work: Promise<Result>): Promise<Result> =>
      work.catch((error: unknown) => {
        if (!link.signal.aborted && !signal.aborted) onFailed(link.device);
        throw error;
      });
    const sending = { segments, storeSeconds, signal, onProgress };
    await this.#sending.run(signal, () =>
      allOrFirstError(links.map((link) => tried(link, sendSegments(link, deployment, sending)))),
    );
    const { traces } = this.#options;
    if (trace !== undefined) await traces.begin(deployment, trace, links, signal);
    else traces.follow(deployment, follows);
    const loading = { message: this.#messageOf(deployment), matrices, signal };
    const loads = links.map((link) => tried(link, this.#load(link, loading)));
    try {
      const loaded = (await allOrFirstError(loads)).flat();
      return loaded.sort((left, right) => left.stage - right.stage);
    } catch (error) {
      await this.#retract(links, loads, deployment.version);
      throw error;
    }
  }

  async withdraw(version: number, signal: AbortSignal): Promise<void> {
    await allOrFirstError(this.#options.links().map((link) => this.#withdrawFrom(link, version, signal)));
  }

  /** What every agent of the deployment is told. */
  #messageOf(deployment: Deployment): Deploy {
    const { links, traces } = this.#options;
    const joined = links();
    const peers = joined.map(({ device, address, welcome }): DeployedPeer => {
      return { device, address, session: welcome.session };
    });
    const lossless = new Map(joined.map(({ device, welcome }) => [device, welcome.lossless]));
    const agreed = withAgreedLossless(deployment, lossless);
    return { kind: 'deploy', deployment: agreed, peers, trace: traces.isOn };
  }

  async #load(link: AgentLink, { message, matrices, signal }: Loading): Promise<readonly LoadedStage[]> {
    const { message: answer } = await link.askWithBody({
      message,
      key: `deploy ${message.deployment.version}`,
      limit: this.#options.limits.loadSeconds,
      signal,
      ...(matrices === undefined ? {} : { body: matrices }),
    });
    if (answer.kind === 'deploy-refused') throw named(link.device, errorFromRecord(answer.error));
    const stages = answer.kind === 'deployed' ? answer.stages : [];
    return stages.map((stage) => ({ ...stage, device: link.device }));
  }

  /** Withdraws a version from every agent that took it on, once all have said whether they did. */
  async #retract(
    links: readonly AgentLink[],
    loads: readonly Promise<unknown>[],
    version: number,
  ): Promise<void> {
    const results = await Promise.allSettled(loads);
    const { signal } = new AbortController();
    const took = links.filter((link, at) => results[at]?.status === 'fulfilled' && !link.signal.aborted);
    await Promise.allSettled(took.map((link) => this.#withdrawFrom(link, version, signal)));
  }

  async #withdrawFrom(link: AgentLink, version: number, signal: AbortSignal): Promise<void> {
    const { storeSeconds } = this.#options.limits;
    await link.ask({ kind: 'withdraw', version }, `withdraw ${version}`, storeSeconds, signal);
  }
}

/** As Promise.all, but only once every one has ended, so that nothing goes on behind the caller's back. */
async function allOrFirstError<Result>(promises: readonly Promise<Result>[]): Promise<Result[]> {
  await Promise.allSettled(promises);
  return await Promise.all(promises);
}
