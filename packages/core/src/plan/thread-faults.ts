import type { Device } from '../cluster/cluster.ts';
import type { Stage } from './plan.ts';
import type { Problem } from './problem.ts';

/** And processors, of one device. */
export const mostThreads = 1024;

/** What is wrong with the threads and processors of stages whose devices are known, one sentence each. */
export function threadFaults({ cluster }: Problem, stages: readonly Stage[]): string[] {
  const devices = new Map(cluster.devices.map((device) => [device.id, device]));
  return stages.flatMap((stage, index) => {
    const own = [stage.device, ...(stage.replicas ?? []).map(({ device }) => device)];
    const executing = [...new Set(own)].flatMap((id) => devices.get(id) ?? []);
    return [...countFaults(stage, index, executing), ...processorFaults(stage, index)];
  });
}

function countFaults({ threads }: Stage, index: number, devices: readonly Device[]): string[] {
  if (threads === undefined) return [];
  if (!Number.isInteger(threads) || threads < 1)
    return [`Stage ${index} has ${threads} threads, expected a whole number of at least 1.`];
  const narrow = devices.find((device) => device.threads < threads);
  if (narrow === undefined) return [];
  return [
    `Stage ${index} has ${threads} threads, and '${narrow.id}' ${narrow.threads}, expected at most those.`,
  ];
}

function processorFaults({ cpus }: Stage, index: number): string[] {
  if (cpus === undefined) return [];
  const areNumbers = cpus.every((cpu) => Number.isInteger(cpu) && cpu >= 0 && cpu < mostThreads);
  if (areNumbers && cpus.length > 0 && new Set(cpus).size === cpus.length) return [];
  return [
    `Stage ${index} is held to the processors [${cpus.slice(0, 8).join(', ')}], expected different numbers from 0 to ${mostThreads - 1}.`,
  ];
}
