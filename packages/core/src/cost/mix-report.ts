import { leastCertain } from '../profile/node-seconds.ts';
import type { Source } from '../profile/profile.ts';
import { bytes, joules, type Seconds, seconds } from '../units.ts';
import type { MemoryCounter } from './device-memory.ts';
import type { Energy } from './energy.ts';
import { mixedDevices, mixedLinks } from './mixed-resources.ts';
import { partakersOf } from './partakers.ts';
import { meanOf, mixPeriod, type PricedWay } from './priced-way.ts';
import type { ProblemIndex } from './problem-index.ts';
import type { Report, VariantReport } from './report.ts';
import { hostReports, peakMemory } from './resource-reports.ts';
import { addExcesses, addMissedLimits } from './violations-of.ts';

/**
 * What a plan costs whose requests run in several ways, from what each way costs: latency is that of the slowest way, memory holds all ways
 * at once, all other figures are means over the pattern. The makespan is the caller's; stages and transfers are of the plan's own way, the
 * first of `ways`.
 */
export function mixReport(
  index: ProblemIndex,
  memory: MemoryCounter,
  ways: readonly PricedWay[],
  makespanSeconds: Seconds,
): Report {
  const { problem } = index;
  const taken = ways.filter(({ requests }) => requests > 0);
  const latencySeconds = seconds(Math.max(...taken.map(({ report }) => report.latencySeconds)));
  const energy = meanEnergy(ways);
  const accuracyLoss = meanOf(ways, ({ report }) => report.accuracyLoss);
  const { positions, devices } = mixedDevices(index, memory, ways);
  const partakers = partakersOf(index, positions);
  const hosts = hostReports(index, partakers, devices);
  const violations: string[] = [];
  const report: Report = {
    latencySeconds,
    periodSeconds: seconds(mixPeriod(ways)),
    makespanSeconds,
    energyJoules: energy.known ? energy.energyJoules : null,
    energyUnknown: energy.known ? null : energy.reason,
    bytesSent: bytes(meanOf(ways, ({ report }) => report.bytesSent)),
    accuracyLoss,
    peakMemoryBytes: peakMemory(devices),
    source: ways.reduce<Source>((least, { report }) => leastCertain(least, report.source), 'measured'),
    stages: ways[0]?.report.stages ?? [],
    transfers: ways[0]?.report.transfers ?? [],
    devices,
    hosts,
    links: mixedLinks(index, ways),
    overlap: null,
    violations,
    variants: ways.map(variantReport),
  };
  addExcesses(violations, index, partakers, report);
  violations.push(...new Set(ways.flatMap(({ routeFaults }) => routeFaults)));
  addMissedLimits(violations, problem, report, latencySeconds);
  return report;
}

/** In all; devices' shares are in their reports. */
function meanEnergy(ways: readonly PricedWay[]): Energy {
  const silent = ways.find(({ report }) => report.energyJoules === null)?.report;
  if (silent !== undefined) return { known: false, reason: silent.energyUnknown ?? '' };
  const mean = meanOf(ways, ({ report }) => report.energyJoules ?? 0);
  return { known: true, energyJoules: joules(mean), devices: [] };
}

function variantReport({ requests, report }: PricedWay): VariantReport {
  const { latencySeconds, energyJoules, bytesSent, stages, transfers } = report;
  return { requests, latencySeconds, energyJoules, bytesSent, stages, transfers };
}
