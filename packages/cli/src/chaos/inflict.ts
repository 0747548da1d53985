import { setTimeout as sleep } from 'node:timers/promises';
import type { ChaosFault, ChaosFaultKind, DeviceId, Random } from '@tandem/core';
import type { ChaosFleet } from './chaos-fleet.ts';

/** What is done to an agent. */
export type DeviceFaultKind = Exclude<ChaosFaultKind, 'gateway-kill'>;

export interface Infliction {
  readonly fleet: ChaosFleet;
  readonly device: DeviceId;
  readonly kind: DeviceFaultKind;
  readonly fault: ChaosFault;
  readonly random: Random;
  /** Ends the fault early. */
  readonly signal: AbortSignal;
}

/** How each fault is done; resolves when it is over and everything is as before. */
const ways: Readonly<Record<DeviceFaultKind, (infliction: Infliction) => Promise<void>>> = {
  kill: async ({ fleet, device, fault, signal }) => {
    await fleet.kill(device);
    await pause(fault.forSeconds, signal);
    await fleet.restartIfEnded(device);
  },
  freeze: async ({ fleet, device, fault, signal }) => {
    fleet.signal(device, 'SIGSTOP');
    await pause(fault.forSeconds, signal);
    fleet.signal(device, 'SIGCONT');
  },
  partition: async ({ fleet, device, fault, signal }) => {
    fleet.proxy(device).cut();
    await pause(fault.forSeconds, signal);
    fleet.proxy(device).mend();
  },
  'slow-link': async ({ fleet, device, fault, signal }) => {
    fleet.proxy(device).limit(fault.bitsPerSecond);
    await pause(fault.forSeconds, signal);
    fleet.proxy(device).limit(Number.POSITIVE_INFINITY);
  },
  throttle: async ({ fleet, device, fault, signal }) => {
    const end = performance.now() + 1000 * fault.forSeconds;
    while (performance.now() < end && !signal.aborted) {
      fleet.signal(device, 'SIGSTOP');
      await pause(throttlePeriodSeconds * (1 - fault.share), signal);
      fleet.signal(device, 'SIGCONT');
      await pause(throttlePeriodSeconds * fault.share, signal);
    }
  },
  'disk-full': async ({ fleet, device, fault, signal }) => {
    await fleet.limitFiles(device, 0);
    await pause(fault.forSeconds, signal);
    await fleet.limitFiles(device, null);
  },
  'memory-squeeze': async ({ fleet, device, fault, signal }) => {
    // Linux takes a limit of 0 for none (mm/mmap.c: may_expand_vm).
    await fleet.limitMemory(device, 1);
    await pause(fault.forSeconds, signal);
    await fleet.limitMemory(device, null);
    await fleet.restartIfEnded(device);
  },
  'clock-jump': async ({ fleet, device, fault, signal }) => {
    await fleet.setClockAhead(device, fault.jumpSeconds);
    await pause(fault.forSeconds, signal);
    await fleet.setClockAhead(device, 0);
  },
  corrupt: async ({ fleet, device, random, signal, fault }) => {
    const damaged = fleet.proxy(device).damageNext(random.integer(2 ** 30));
    await Promise.race([damaged, pause(Math.max(1, fault.forSeconds), signal)]);
  },
};

const throttlePeriodSeconds = 0.05;

export function inflict(infliction: Infliction): Promise<void> {
  return ways[infliction.kind](infliction);
}

/** Resolves early when the signal aborts: what was done is undone then. */
async function pause(seconds: number, signal: AbortSignal): Promise<void> {
  await sleep(1000 * seconds, undefined, { signal }).catch(() => undefined);
}
