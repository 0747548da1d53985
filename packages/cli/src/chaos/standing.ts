import type { DeviceId, Trace } from '@tandem/core';

/** Where requests are at a trace's end. */
export interface Standing {
  /** Let in and not ended. */
  readonly inFlight: number;
  /** By device, the requests of which it runs a stage, and which. */
  readonly inside: ReadonlyMap<DeviceId, ReadonlyMap<number, number>>;
  /** Who ran each stage last. */
  readonly runs: ReadonlyMap<number, DeviceId>;
}

export function standingOf({ events }: Trace): Standing {
  const inFlight = new Set<number>();
  const running = new Map<DeviceId, Map<number, number>>();
  const runs = new Map<number, DeviceId>();
  for (const event of events) {
    if (event.kind === 'admission') inFlight.add(event.request);
    else if (event.kind === 'answer' || event.kind === 'failure') inFlight.delete(event.request);
    else if (event.kind === 'device-lost') running.delete(event.device);
    else if (event.kind === 'stage-start' || event.kind === 'stage-end') {
      const own = running.get(event.device) ?? new Map<number, number>();
      running.set(event.device, own);
      for (const request of event.requests) {
        if (event.kind === 'stage-start') own.set(request, event.stage);
        else own.delete(request);
      }
      runs.set(event.stage, event.device);
    }
  }
  const inside = [...running].map(([device, requests]) => {
    const open = [...requests].filter(([request]) => inFlight.has(request));
    return [device, new Map(open)] as const;
  });
  return { inFlight: inFlight.size, inside: new Map(inside), runs };
}
