import {
  bytes,
  canonicalJson,
  type Graph,
  type MeasuredRow,
  quantile,
  type Repeatability,
  rmsLogRatio,
  seconds,
} from '@tandem/core';
import type { CodecSample, Sample, SessionSample } from './sample.ts';

/** Rows of medians over the passes, and how well the passes agree at the base clock. */
export interface Summary {
  readonly rows: readonly MeasuredRow[];
  readonly repeatability: readonly Repeatability[];
}

export function summarise(samples: readonly Sample[], graphs: ReadonlyMap<number, Graph>): Summary {
  const rows: MeasuredRow[] = [];
  const repeatability: Repeatability[] = [];
  const sessions = samples.filter((each) => 'segment' in each);
  for (const alike of grouped(sessions, conditionKey).values()) {
    const speed = alike.filter((each) => each.nodeSeconds === null);
    const segments = [...grouped(speed, (each) => each.segment)];
    for (const [segment, passes] of segments) rows.push(...segmentRows(segment, passes));
    rows.push(
      ...nodeRows(
        graphs.get(alike[0]?.batch ?? 1),
        alike.filter((each) => each.nodeSeconds !== null),
      ),
    );
    if (alike[0]?.clock !== undefined) continue;
    const series = segments.map(([, passes]) => passes.map((each) => each.warmSeconds));
    const { batch, threads } = conditions(alike);
    repeatability.push({ batch, threads, rmsLogRatio: rmsLogRatio(series) });
  }
  rows.push(...codecRows(samples.filter((each) => 'codecs' in each)));
  return { rows, repeatability };
}

function conditionKey({ batch, threads, clock }: SessionSample): string {
  return `${batch} ${threads} ${canonicalJson(clock ?? null)}`;
}

/** Of each codec and size a row to encode and one to decode; codecs use one thread. */
function codecRows(passes: readonly CodecSample[]): MeasuredRow[] {
  const common = { kind: 'codec', threads: 1, batch: 1, state: 'warm', ...frequency(passes) } as const;
  const all = passes.flatMap(({ codecs }) => codecs);
  return [...grouped(all, ({ codec, elements }) => `${codec} ${elements}`).values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const own = { ...common, name: first.codec, elements: first.elements };
    return [
      { ...own, step: 'encode', ...medianAndSpread(group.map((each) => each.encodeSeconds)) },
      { ...own, step: 'decode', ...medianAndSpread(group.map((each) => each.decodeSeconds)) },
    ] as const;
  });
}

function segmentRows(segment: string, passes: readonly SessionSample[]): MeasuredRow[] {
  const median = (valueOf: (each: SessionSample) => number): number => quantile(passes.map(valueOf), 0.5);
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

function nodeRows(graph: Graph | undefined, passes: readonly SessionSample[]): MeasuredRow[] {
  if (passes.length === 0 || graph === undefined) return [];
  return graph.nodes.map(({ id, name }) => ({
    kind: 'node',
    name,
    ...conditions(passes),
    state: 'warm',
    ...medianAndSpread(passes.map((each) => each.nodeSeconds?.[id] ?? 0)),
  }));
}

function conditions(
  passes: readonly SessionSample[],
): Pick<MeasuredRow, 'threads' | 'batch' | 'frequencyHertz' | 'clock'> {
  const { threads = 1, batch = 1, clock } = passes[0] ?? {};
  return { threads, batch, ...frequency(passes), ...(clock === undefined ? {} : { clock }) };
}

function frequency(passes: readonly Sample[]): Pick<MeasuredRow, 'frequencyHertz'> {
  const rates = passes.flatMap((each) => each.frequencyHertz ?? []);
  return { frequencyHertz: rates.length === 0 ? null : quantile(rates, 0.5) };
}

function medianAndSpread(values: readonly number[]): Pick<MeasuredRow, 'seconds' | 'spreadSeconds'> {
  return {
    seconds: seconds(quantile(values, 0.5)),
    spreadSeconds: seconds(Math.max(0, quantile(values, 0.75) - quantile(values, 0.25))),
  };
}

function grouped<Item, Key>(items: readonly Item[], keyOf: (each: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const each of items) {
    const group = groups.get(keyOf(each));
    if (group === undefined) groups.set(keyOf(each), [each]);
    else group.push(each);
  }
  return groups;
}
