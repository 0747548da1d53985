import { type DeviceId, errorRecord } from '@tandem/core';
import type { SegmentSource } from '../segment/segment.ts';
import { Turns } from '../turns.ts';
import { Tasks } from '../wire/tasks.ts';
import type { Deployer } from './deployer.ts';
import type { DeployedStage, Deployment, Route } from './deployment.ts';
import { devicesInOrder, isShared, type Repairer } from './repaired-deployment.ts';

export interface StandByOptions {
  readonly deployer: Deployer;
  readonly signal: AbortSignal;
  readonly alive: () => ReadonlySet<DeviceId>;
  readonly log: (line: string) => void;
}

/** For what stages stand by. */
export interface StandByWanted {
  readonly deployment: Deployment;
  readonly segments: ReadonlyMap<string, SegmentSource>;
  readonly repairer: Repairer | undefined;
}

interface Standing {
  readonly version: number;
  readonly places: ReadonlyMap<number, DeviceId>;
}

/**
 * Warm stand-bys: stages are loaded on the devices that would take them over, as far as memory holds them, in a version under which no
 * request runs; a repair's version shares their sessions, and waits for no weights.
 */
export class StandBys {
  readonly #options: StandByOptions;
  readonly #tasks: Tasks = new Tasks((error) => this.#say(error));
  /** One change after the other. */
  readonly #turns: Turns = new Turns();
  #standing: Standing | null = null;
  /** Null = nothing is to stand by any more. */
  #latest: number | null = null;

  constructor(options: StandByOptions) {
    this.#options = options;
  }

  /** Where stages are loaded beside their own device. */
  get places(): ReadonlyMap<number, DeviceId> {
    return this.#standing?.places ?? new Map();
  }

  settled(): Promise<void> {
    return this.#tasks.settled();
  }

  /** Loads them for the deployment under that version; those of before are withdrawn then. What cannot be loaded is said, and left. */
  renew({ deployment, segments, repairer }: StandByWanted, version: number): void {
    const { deployer, signal, alive, log } = this.#options;
    this.#change(version, async () => {
      const places = isShared(deployment)
        ? undefined
        : repairer?.standBys?.(devicesInOrder(deployment), alive());
      if (places === undefined || places.size === 0 || repairer === undefined) return null;
      await deployer.deploy(standByDeployment(deployment, places, repairer, version), segments, { signal });
      log(`${places.size} of ${deployment.stages.length} stages stand by on a second device`);
      return { version, places };
    });
  }

  /** None any more. */
  end(): void {
    this.#change(null, async () => null);
  }

  /** What stood by before is withdrawn when the next does; a change that another has overtaken is left out. */
  #change(version: number | null, next: () => Promise<Standing | null>): void {
    const { deployer, signal } = this.#options;
    this.#latest = version;
    this.#tasks.start(() =>
      this.#turns.run(signal, async () => {
        if (this.#latest !== version) return;
        const former = this.#standing;
        let standing: Standing | null = null;
        try {
          standing = await next();
        } finally {
          this.#standing = standing;
          if (former !== null) await deployer.withdraw(former.version, signal);
        }
      }),
    );
  }

  #say(error: unknown): void {
    const { signal, log } = this.#options;
    if (!signal.aborted) log(`stages do not stand by: ${errorRecord(error).message}`);
  }
}

/** Nothing runs under it: inputs would come from the gateway, and nothing leaves. */
function standByDeployment(
  deployment: Deployment,
  places: ReadonlyMap<number, DeviceId>,
  repairer: Repairer,
  version: number,
): Deployment {
  const { requestTimeoutSeconds, queue, tensors, pacedLinks } = deployment;
  const stages = deployment.stages.flatMap((own): DeployedStage[] => {
    const device = places.get(own.stage);
    if (device === undefined) return [];
    const { cpus: _, batch: __, p99Seconds: ___, ...plain } = own;
    return [{ ...plain, device, ...repairer.place(own.stage, device) }];
  });
  const made = new Set(stages.flatMap(({ device, outputs }) => outputs.map((tensor) => at(tensor, device))));
  const routes = new Map<string, Route>();
  for (const { device, inputs } of stages)
    for (const tensor of inputs)
      if (!made.has(at(tensor, device)))
        routes.set(at(tensor, device), { tensor, from: null, to: device, codec: { kind: 'raw' } });
  return { version, requestTimeoutSeconds, queue, tensors, pacedLinks, stages, routes: [...routes.values()] };
}

const at = (tensor: string, device: DeviceId): string => JSON.stringify([tensor, device]);
