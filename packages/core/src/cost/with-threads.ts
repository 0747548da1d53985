import type { DeviceId } from '../cluster/cluster.ts';
import type { Problem } from '../plan/problem.ts';
import { flopsPerSecond } from '../units.ts';

/**
 * The problem in which the device has so many threads: its times are those that were measured with them. What was not is by the roofline,
 * with its operations a second in proportion to the threads and its memory as fast as before.
 */
export function withThreads(problem: Problem, device: DeviceId, threads: number): Problem {
  const { cluster, profile } = problem;
  const own =
    profile.otherThreads?.filter((times) => times.device === device && times.threads === threads) ?? [];
  const isElse = (row: { readonly device: DeviceId }): boolean => row.device !== device;
  return {
    ...problem,
    cluster: {
      ...cluster,
      devices: cluster.devices.map((row) =>
        row.id === device
          ? { ...row, threads, flopsPerSecond: flopsPerSecond((row.flopsPerSecond * threads) / row.threads) }
          : row,
      ),
    },
    profile: {
      rows: [...profile.rows.filter(isElse), ...own.flatMap(({ rows }) => rows)],
      segments: [...(profile.segments ?? []).filter(isElse), ...own.flatMap(({ segments = [] }) => segments)],
    },
  };
}
