import type { Report } from '@tandem/core';
import type { RunLine } from './gateway-lines.ts';
import type { PipelineCase } from './pipeline-case.ts';

/** Of two: the rest is for sockets, threads' messages and the kernel. */
export const mostCores = 1.2;

/** What all imitated devices really computed in a run, in cores of this machine. */
export function realCores({ stages, answered, startSeconds, endSeconds }: RunLine): number {
  const perRequest = stages.reduce((sum, { computeSeconds }) => sum + computeSeconds, 0);
  return (perRequest * answered) / (endSeconds - startSeconds);
}

/** Why a run does not stand for the devices that it imitates; null when it does. */
export function disbelief(run: RunLine, paces: readonly (number | null)[]): string | null {
  if (run.failed > 0) return `${run.failed} requests failed: ${run.firstError ?? ''}`;
  if (run.differing > 0) return `${run.differing} answers differ from that of a request alone`;
  const cores = realCores(run);
  if (cores > mostCores)
    return `its devices really computed with ${cores.toFixed(2)} cores, expected at most ${mostCores}`;
  const late = run.stages.find(({ stage, computeSeconds }) => computeSeconds > (paces[stage] ?? Infinity));
  if (late === undefined) return null;
  return `stage ${late.stage} computed for ${late.computeSeconds.toFixed(4)} s, longer than the device that it imitates`;
}

/** By stage: what the imitated device takes; null for a stage on this machine as it is. */
export function imitatedPaces({ scenario, stages }: PipelineCase, report: Report): (number | null)[] {
  return stages.map(({ host }, at) => {
    const { like, slowdown } = scenario.hosts.find(({ id }) => id === host) ?? {};
    return like === undefined && slowdown === undefined ? null : (report.stages[at]?.computeSeconds ?? null);
  });
}
