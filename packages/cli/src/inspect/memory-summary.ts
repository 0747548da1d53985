import type { Cluster } from '@tandem/core';
import { type Graph, problemOf } from '@tandem/core';
import { type DeviceFit, deviceFits } from '../memory/device-fit.ts';
import { activationPeak, type MemoryPosition, memoryCurve } from '../memory/memory-curve.ts';

/** What `inspect --memory` tells beside the rest. */
export interface MemorySummary {
  /** Of the whole model: its parameters and the most that is live at one time. */
  readonly parameterBytes: number;
  readonly peakActivationBytes: number;
  /** The node during which that is. */
  readonly peakAt: string | null;
  /** For each node in the graph's order. */
  readonly positions: readonly MemoryPosition[];
  readonly cluster: string;
  readonly devices: readonly DeviceFit[];
}

export function summariseMemory(graph: Graph, cluster: Cluster): MemorySummary {
  const positions = memoryCurve(graph);
  const peak = activationPeak(positions);
  return {
    parameterBytes: positions.at(-1)?.parameterBytes ?? 0,
    peakActivationBytes: peak?.activationBytes ?? 0,
    peakAt: peak?.node ?? null,
    positions,
    cluster: cluster.name,
    devices: deviceFits(problemOf(graph, cluster)),
  };
}
