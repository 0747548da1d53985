import { type ChaosDocument, type DeviceId, seconds } from '@tandem/core';
import type { Gateway, StreamItem, TensorValue } from '@tandem/runtime';
import type { ChaosResult } from './chaos-count.ts';
import { type Standing, StandingWatch } from './standing.ts';

/** The gateway of a scenario, in this process or in one of its own. */
export interface ChaosGateway {
  /** Of the scenario's requests; ends when no more can come. */
  results(signal: AbortSignal): AsyncIterable<ChaosResult>;
  standing(signal: AbortSignal): Promise<Standing>;
  /** Rejects while the device is lost. */
  ping(device: DeviceId, signal: AbortSignal): Promise<unknown>;
  /** Kills it; resolves when another serves, which is started so many seconds later. */
  kill(forSeconds: number, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** One in this process, which outlives every fault. */
export function gatewayHere(
  gateway: Gateway,
  document: ChaosDocument,
  inputs: readonly (readonly TensorValue[])[],
): ChaosGateway {
  const { window, ordered } = document;
  const standing = new StandingWatch(gateway.feed);
  return {
    results: (signal) => gateway.stream(items(document, inputs), { window, ordered, signal }),
    standing: (signal) => standing.look(signal),
    ping: (device, signal) => gateway.ping(device, signal),
    kill: async () => {
      throw new Error('a gateway within this process cannot be killed alone');
    },
    close: () => gateway.close(),
  };
}

function* items(
  { requests, timeoutSeconds }: ChaosDocument,
  inputs: readonly (readonly TensorValue[])[],
): Generator<StreamItem> {
  for (let index = 0; index < requests; index++)
    yield { inputs: inputs[index % inputs.length] ?? [], timeoutSeconds: seconds(timeoutSeconds) };
}
