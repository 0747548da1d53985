import { evaluate, metricsOf, type Report, seconds, type Trace } from '@tandem/core';
import { measureGoodput } from '../testbed/goodput.ts';
import type { Lab } from './lab.ts';
import type { StagedPlan } from './staged-plan.ts';

/** A device or the link behind it. */
export interface Resource {
  readonly by: 'stage' | 'link';
  readonly at: number;
  /** By the times and rates that were measured beforehand. */
  readonly seconds: number;
  /** Of the tensor on a link; 0 for a stage. */
  readonly bytes: number;
}

/** What takes longest for one request. */
export function bottleneckOf({ problem, plan }: StagedPlan): Resource {
  const [first, ...others] = resourcesOf(evaluate(problem, plan));
  return others.reduce((most, other) => (other.seconds > most.seconds ? other : most), first ?? nothing);
}

const nothing: Resource = { by: 'stage', at: 0, seconds: 0, bytes: 0 };

function resourcesOf({ stages, transfers }: Report): Resource[] {
  return [
    ...stages.map(({ computeSeconds }, at) => ({
      by: 'stage' as const,
      at,
      seconds: computeSeconds,
      bytes: 0,
    })),
    ...transfers.map(({ startSeconds, endSeconds, bytes }, at) => {
      return { by: 'link' as const, at, seconds: endSeconds - startSeconds, bytes };
    }),
  ];
}

/** What one request takes of the resource while nothing else runs, and while every other stage works at the bottleneck's pace. */
export async function measureResource(
  lab: Lab,
  resource: Resource,
  loadSeconds: number,
): Promise<{ readonly aloneSeconds: number; readonly loadedSeconds: number }> {
  const own = { stage: resource.by === 'stage' ? resource.at : -1, everySeconds: null };
  const others = lab.own.stages.flatMap((_, stage) =>
    stage === own.stage ? [] : [{ stage, everySeconds: resource.seconds }],
  );
  if (resource.by === 'stage') {
    const alone = await lab.load({ stages: [own], seconds: loadSeconds });
    const loaded = await lab.load({ stages: [own, ...others], seconds: loadSeconds });
    const busyOf = ({ stages }: typeof alone): number =>
      stages.find(({ stage }) => stage === own.stage)?.busySeconds ?? Number.NaN;
    return { aloneSeconds: busyOf(alone), loadedSeconds: busyOf(loaded) };
  }
  const aloneSeconds = await tensorSeconds(lab, resource, loadSeconds);
  const [loadedSeconds] = await Promise.all([
    tensorSeconds(lab, resource, loadSeconds),
    lab.load({ stages: others, seconds: loadSeconds }),
  ]);
  return { aloneSeconds, loadedSeconds };
}

/** Of a stream that fills the link for so long. */
async function tensorSeconds({ own, testbed }: Lab, resource: Resource, during: number): Promise<number> {
  const [from = '', to = ''] = own.stages.slice(resource.at, resource.at + 2).map(({ host }) => host);
  const bytes = Math.round(resource.bytes * (during / resource.seconds));
  const megabits = await measureGoodput(testbed, from, to, bytes);
  return (8 * resource.bytes) / (megabits * 1e6);
}

/** The share of the time that the resource had nothing to do, from a tenth of its requests on until its last. */
export function idleShare(trace: Trace, { by, at }: Resource, hosts: readonly string[]): number {
  const [host = '', next = ''] = hosts.slice(at, at + 2);
  const intervals = by === 'stage' ? stageIntervals(trace, at) : linkIntervals(trace, host, next);
  const counted = intervals.slice(Math.ceil(intervals.length / 10));
  const [first, last] = [counted[0], counted.at(-1)];
  if (first === undefined || last === undefined) return Number.NaN;
  let [busy, until] = [0, first.start];
  for (const { start, end } of counted) {
    busy += Math.max(0, end - Math.max(start, until));
    until = Math.max(until, end);
  }
  return 1 - busy / (until - first.start);
}

interface Interval {
  readonly start: number;
  readonly end: number;
}

function stageIntervals({ events }: Trace, stage: number): Interval[] {
  const starts = new Map<number, number>();
  return events.flatMap((event) => {
    if ((event.kind !== 'stage-start' && event.kind !== 'stage-end') || event.stage !== stage) return [];
    const request = event.requests[0] ?? 0;
    if (event.kind === 'stage-end') return [{ start: starts.get(request) ?? 0, end: event.atSeconds }];
    starts.set(request, event.atSeconds);
    return [];
  });
}

/** From a tensor's first bit to its being there: what the sender's kernel still holds keeps the line busy. */
function linkIntervals({ events }: Trace, from: string, to: string): Interval[] {
  const starts = new Map<number, number>();
  return events.flatMap((event) => {
    if (event.kind !== 'transfer-start' && event.kind !== 'tensor-arrived') return [];
    if (event.from !== from || event.to !== to) return [];
    if (event.kind === 'tensor-arrived')
      return [{ start: starts.get(event.request) ?? 0, end: event.atSeconds }];
    starts.set(event.request, event.atSeconds);
    return [];
  });
}

/** Requests a second once the pipeline is full. */
export const steadyRate = (trace: Trace): number => metricsOf(trace).steadyRequestsPerSecond ?? Number.NaN;

/** How long to load a resource so that its mean is steady. */
export const loadSecondsFor = ({ seconds: each }: Resource): number => seconds(Math.max(1.5, 12 * each));
