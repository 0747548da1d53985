import {
  bytes,
  type Graph,
  type MeasuredRow,
  quantile,
  type Repeatability,
  rmsLogRatio,
  seconds,
} from '@tandem/core';
import type { Sample } from './sample-log.ts';

/** Rows of medians over the passes, and how well the passes agree. */
export interface Summary {
  readonly rows: readonly MeasuredRow[];
  readonly repeatability: readonly Repeatability[];
}

export function summarise(samples: readonly Sample[], graph: Graph): Summary {
  const rows: MeasuredRow[] = [];
  const repeatability: Repeatability[] = [];
  for (const [threads, ofThreads] of grouped(samples, (each) => each.threads)) {
    const speed = ofThreads.filter((each) => each.nodeSeconds === null);
    const segments = [...grouped(speed, (each) => each.segment)];
    for (const [segment, passes] of segments) rows.push(...segmentRows(segment, passes));
    rows.push(
      ...nodeRows(
        graph,
        ofThreads.filter((each) => each.nodeSeconds !== null),
      ),
    );
    const series = segments.map(([, passes]) => passes.map((each) => each.warmSeconds));
    repeatability.push({ threads, rmsLogRatio: rmsLogRatio(series) });
  }
  return { rows, repeatability };
}

function segmentRows(segment: string, passes: readonly Sample[]): MeasuredRow[] {
  const median = (valueOf: (each: Sample) => number): number => quantile(passes.map(valueOf), 0.5);
  const common = { kind: 'segment', name: segment, ...conditions(passes) } as const;
  return [
    { ...common, state: 'warm', ...medianAndSpread(passes.map((each) => each.warmSeconds)) },
    {
      ...common,
      state: 'cold',
      ...medianAndSpread(passes.map((each) => each.coldSeconds)),
      loadSeconds: seconds(median((each) => each.loadSeconds)),
      memoryBytes: bytes(Math.round(median((each) => each.memoryBytes))),
    },
  ];
}

function nodeRows(graph: Graph, passes: readonly Sample[]): MeasuredRow[] {
  if (passes.length === 0) return [];
  return graph.nodes.map(({ id, name }) => ({
    kind: 'node',
    name,
    ...conditions(passes),
    state: 'warm',
    ...medianAndSpread(passes.map((each) => each.nodeSeconds?.[id] ?? 0)),
  }));
}

function conditions(passes: readonly Sample[]): Pick<MeasuredRow, 'threads' | 'batch' | 'frequencyHertz'> {
  const rates = passes.flatMap((each) => each.frequencyHertz ?? []);
  return {
    threads: passes[0]?.threads ?? 1,
    batch: 1,
    frequencyHertz: rates.length === 0 ? null : quantile(rates, 0.5),
  };
}

function medianAndSpread(values: readonly number[]): Pick<MeasuredRow, 'seconds' | 'spreadSeconds'> {
  return {
    seconds: seconds(quantile(values, 0.5)),
    spreadSeconds: seconds(Math.max(0, quantile(values, 0.75) - quantile(values, 0.25))),
  };
}

function grouped<Key>(samples: readonly Sample[], keyOf: (each: Sample) => Key): Map<Key, Sample[]> {
  const groups = new Map<Key, Sample[]>();
  for (const each of samples) {
    const group = groups.get(keyOf(each));
    if (group === undefined) groups.set(keyOf(each), [each]);
    else group.push(each);
  }
  return groups;
}
