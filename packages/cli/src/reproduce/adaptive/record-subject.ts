import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Cut, crossingBits, type Graph, graphOf, type Label, singleTensorCuts } from '@tandem/core';
import { loadModel, modelCards, openCalibrationData, withCalibrationJob } from '@tandem/node';
import { type CalibrationRow, recordCuts } from '@tandem/runtime';
import type { RecordedCut, RecordedSample } from './recorded-sample.ts';
import type { DataPart, Subject } from './subjects.ts';

interface Recording {
  readonly graph: Graph;
  readonly cuts: readonly Cut[];
  /** By cut, by sample in the order of the data. */
  readonly samples: readonly (readonly RecordedSample[])[];
}

/** By model and data: subjects share them. */
const recordings = new Map<string, Promise<Recording>>();

/** The subject at each of its cuts. Runs the model on all the data, once in the life of this process. */
export async function recordSubject(
  subject: Subject,
  dataFolder: string,
  signal: AbortSignal,
): Promise<readonly RecordedCut[]> {
  const known = new Map<DataPart, Recording>();
  for (const part of [...subject.calibration, ...subject.judged, ...subject.check])
    known.set(part, await recordingOf(subject, part.path, dataFolder, signal));
  const [{ graph, cuts } = { graph: null, cuts: [] }] = known.values();
  if (graph === null) return [];
  const total = flopsOf(
    graph,
    graph.nodes.map(({ id }) => id),
  );
  return cuts.map((cut, at): RecordedCut => {
    const of = (part: DataPart): readonly RecordedSample[] =>
      halfOf(known.get(part)?.samples[at] ?? [], part.half);
    return {
      graph,
      cut,
      fraction: flopsOf(graph, cut.nodes) / total,
      calibration: subject.calibration.flatMap(of),
      judged: subject.judged.map(of),
      check: subject.check.flatMap(of),
    };
  });
}

function halfOf<Value>(values: readonly Value[], half: DataPart['half']): readonly Value[] {
  const middle = values.length >> 1;
  if (half === 'both') return values;
  return half === 'first' ? values.slice(0, middle) : values.slice(middle);
}

function recordingOf(
  subject: Subject,
  path: string,
  dataFolder: string,
  signal: AbortSignal,
): Promise<Recording> {
  const key = `${subject.file} ${subject.fractions.join(' ')} ${path} ${dataFolder}`;
  const known = recordings.get(key) ?? record(subject, path, dataFolder, signal);
  recordings.set(key, known);
  known.catch(() => recordings.delete(key));
  return known;
}

async function record(
  { file, card, fractions }: Subject,
  path: string,
  dataFolder: string,
  signal: AbortSignal,
): Promise<Recording> {
  const loaded = await loadModel(join(dataFolder, 'models', file));
  try {
    const graph = graphOf(loaded.model, { batch: 1 });
    const cuts = cutsNear(graph, fractions);
    const data = await openCalibrationData({
      path: join(dataFolder, 'datasets', path),
      graph,
      card: modelCards[card],
    });
    const threads = Math.min(2, availableParallelism());
    const rows = await withCalibrationJob({ loaded, graph, cuts, data, threads, signal }, (job) =>
      recordCuts(
        job,
        crossingBits.map((bits) => [bits]),
      ),
    );
    const truths = data.ownLabels ?? [];
    return { graph, cuts, samples: cuts.map((_cut, at) => samplesOf(rows, at, data.places, truths)) };
  } finally {
    await loaded.close();
  }
}

/** Of cuts at equal fractions the last, which lies behind the activation function. */
function cutsNear(graph: Graph, fractions: readonly number[]): readonly Cut[] {
  const total = flopsOf(
    graph,
    graph.nodes.map(({ id }) => id),
  );
  const cuts = singleTensorCuts(graph).map((cut) => ({ cut, fraction: flopsOf(graph, cut.nodes) / total }));
  return fractions.flatMap((wanted) => {
    const off = ({ fraction }: { readonly fraction: number }): number => Math.abs(fraction - wanted);
    const least = Math.min(...cuts.map(off));
    // An activation function has few FLOPs, and is at most so much behind.
    const nearest = cuts.findLast((cut) => off(cut) <= least + 0.001);
    return nearest === undefined ? [] : [nearest.cut];
  });
}

function flopsOf(graph: Graph, nodes: readonly number[]): number {
  return nodes.reduce((sum, node) => sum + (graph.nodes[node]?.flops ?? 0), 0);
}

/** Rows come in the order in which they were measured, samples in the order of `places`. */
function samplesOf(
  rows: readonly CalibrationRow[],
  cut: number,
  places: readonly number[],
  truths: readonly Label[],
): readonly RecordedSample[] {
  const drafts = places.map((_place, sample) => ({
    label: -1,
    truth: truths[sample] ?? -1,
    feature: new Float32Array(0),
    coded: {} as Record<number, Label>,
  }));
  for (const row of rows) {
    for (const [at, label] of row.labels.entries()) {
      const draft = drafts[row.from + at];
      if (draft === undefined) continue;
      if (row.kind === 'whole') draft.label = label;
      else if (row.cut === cut) {
        draft.coded[row.bits[0] ?? 0] = label;
        const channels = (row.features?.length ?? 0) / row.labels.length;
        if (row.features !== null) draft.feature = row.features.slice(at * channels, (at + 1) * channels);
      }
    }
  }
  const byPlace = drafts.map((draft, sample) => ({ place: places[sample] ?? 0, draft }));
  return byPlace
    .sort((left, right) => left.place - right.place)
    .map(({ draft }) => ({ ...draft, truth: draft.truth < 0 ? draft.label : draft.truth }));
}
