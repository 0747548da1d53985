import type { DeviceId, TraceEvent } from '@tandem/core';
import type { TraceFeed } from '@tandem/runtime';

/** Where requests are. */
export interface Standing {
  /** Let in and not ended. */
  readonly inFlight: number;
  /** By device, the requests of which it runs a stage, and which. */
  readonly inside: ReadonlyMap<DeviceId, ReadonlyMap<number, number>>;
  /** Who ran each stage last. */
  readonly runs: ReadonlyMap<number, DeviceId>;
}

/**
 * Follows requests by the events of a feed, which tells those of the gateway and those of each device in their order, but what a device
 * did before it was lost possibly after the loss.
 */
export class StandingWatch {
  readonly #feed: TraceFeed;
  readonly #inFlight: Set<number> = new Set();
  readonly #running: Map<DeviceId, Map<number, number>> = new Map();
  readonly #runs: Map<number, { readonly device: DeviceId; readonly atSeconds: number }> = new Map();
  readonly #lostAt: Map<DeviceId, number> = new Map();

  constructor(feed: TraceFeed) {
    this.#feed = feed;
    feed.watch((event) => this.#see(event));
  }

  /** Asks agents for what happened since the last look. */
  async look(signal: AbortSignal): Promise<Standing> {
    await this.#feed.collect(signal);
    const inside = [...this.#running].map(([device, requests]) => {
      const open = [...requests].filter(([request]) => this.#inFlight.has(request));
      return [device, new Map(open)] as const;
    });
    const runs = [...this.#runs].map(([stage, { device }]) => [stage, device] as const);
    return { inFlight: this.#inFlight.size, inside: new Map(inside), runs: new Map(runs) };
  }

  #see(event: TraceEvent): void {
    if (event.kind === 'admission') this.#inFlight.add(event.request);
    else if (event.kind === 'answer' || event.kind === 'failure') this.#inFlight.delete(event.request);
    else if (event.kind === 'device-lost') this.#lose(event.device, event.atSeconds);
    else if (event.kind === 'stage-start' || event.kind === 'stage-end') this.#run(event);
  }

  #lose(device: DeviceId, atSeconds: number): void {
    this.#running.delete(device);
    this.#lostAt.set(device, atSeconds);
  }

  #run(event: Extract<TraceEvent, { kind: 'stage-start' | 'stage-end' }>): void {
    const { kind, device, stage, requests, atSeconds } = event;
    if (atSeconds >= (this.#runs.get(stage)?.atSeconds ?? 0)) this.#runs.set(stage, { device, atSeconds });
    if (atSeconds < (this.#lostAt.get(device) ?? 0)) return;
    const own = this.#running.get(device) ?? new Map<number, number>();
    this.#running.set(device, own);
    for (const request of requests) {
      if (kind === 'stage-start') own.set(request, stage);
      else own.delete(request);
    }
  }
}
