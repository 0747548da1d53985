import type { DeviceId, Problem } from '@tandem/core';

/** Requests enter and leave where they did, or at the ends of the plan where that device is gone. */
export function endsAmong(
  problem: Problem,
  devices: ReadonlyMap<number, DeviceId>,
  survivors: readonly DeviceId[],
): Problem {
  const { workload } = problem;
  const places = [...devices].sort(([left], [right]) => left - right).map(([, device]) => device);
  const source = survivors.includes(workload.source) ? workload.source : (places[0] ?? workload.source);
  const sink = survivors.includes(workload.sink) ? workload.sink : (places.at(-1) ?? workload.sink);
  return { ...problem, workload: { ...workload, source, sink } };
}
