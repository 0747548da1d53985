import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Device, DeviceId } from '@tandem/core';
import {
  type AgentProcess,
  allowedCores,
  coresOf,
  pinned,
  sockets,
  startAgentProcess,
  systemClock,
  systemClockName,
} from '@tandem/node';
import { connectGateway, type Gateway } from '@tandem/runtime';
import type { TransportName } from '../flags.ts';
import { agentProgram } from './agent-program.ts';
import { reachableAddress } from './reachable-address.ts';

/** The agents that take part in a run: those that were already there and those that were started for it. */
export interface Fleet {
  readonly gateway: Gateway;
  /** Says goodbye to every agent and ends the processes that were started; idempotent. */
  close(): Promise<void>;
}

export interface FleetOptions {
  readonly devices: readonly Device[];
  /** What agents started here speak. */
  readonly transport: TransportName;
  /** True: agents started here get processors of their own. */
  readonly pin: boolean;
  /** For agents that run elsewhere; those started here get it too. Absent = a fresh one, for agents started here only. */
  readonly token: string | undefined;
  /** The folder of the files that stand for the sensors of agents started here, DEVICE.json. @default none have sensors */
  readonly sensors?: string | undefined;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

/** Starts an agent for each device without an address, then connects to all of them. Leaves nothing behind when that fails. */
export async function openFleet(options: FleetOptions): Promise<Fleet> {
  const token = options.token ?? randomBytes(32).toString('base64url');
  const started: AgentProcess[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((agent) => agent.stop()));
  };
  try {
    const addresses = await addressesOf(options, token, started);
    const gateway = await connectGateway({
      transport: sockets(),
      clock: systemClock,
      clockName: systemClockName(),
      token,
      addresses,
      signal: options.signal,
      log: options.log,
    });
    return {
      gateway,
      close: async () => {
        try {
          await gateway.close();
        } finally {
          await stop();
        }
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function addressesOf(
  options: FleetOptions,
  token: string,
  started: AgentProcess[],
): Promise<Record<DeviceId, string>> {
  const host = await reachableAddress(options.devices.flatMap(({ address }) => address ?? []));
  const here = options.devices.filter(({ address }) => address === undefined);
  const cores = options.pin ? coresOf(here, allowedCores()) : null;
  const entries = options.devices.map(async (device): Promise<[DeviceId, string]> => {
    if (device.address !== undefined) return [device.id, device.address];
    const sensors =
      options.sensors === undefined ? [] : ['--sensors', join(options.sensors, `${device.id}.json`)];
    const program = [...agentProgram(host, options.transport), ...sensors] as const;
    const own = cores?.get(device.id);
    const agent = await startAgentProcess({
      command: own === undefined ? program : pinned(program, own),
      device: device.id,
      token,
      signal: options.signal,
      log: (line) => options.log(`${device.id}: ${line}`),
    });
    started.push(agent);
    return [device.id, agent.address];
  });
  const settled = await Promise.allSettled(entries);
  for (const entry of settled) if (entry.status === 'rejected') throw entry.reason;
  return Object.fromEntries(settled.flatMap((entry) => (entry.status === 'fulfilled' ? [entry.value] : [])));
}
