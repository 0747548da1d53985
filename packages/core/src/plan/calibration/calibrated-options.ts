import type { Label } from '../../calibrate/calibration-sample.ts';
import { InvalidInputError, RefusedError } from '../../errors.ts';
import type { Graph, TensorId } from '../../graph/graph.ts';
import { inputShapes } from '../../profile/profile-file.ts';
import { bytes, flops } from '../../units.ts';
import type { Accuracy, AccuracyRow } from '../accuracy.ts';
import { asCutTensors, type CutTensors, cutTensors } from '../cut-tensors.ts';
import { type ExitHead, type ExitTable, exitOrder, leadOnTogether } from '../exit-table.ts';
import type { ExitPolicy } from '../policies.ts';
import type { ProblemOptions } from '../problem-of.ts';
import type { CalibratedCut, Calibration } from './calibration.ts';

/**
 * What a calibration says about `graph`, as options of a problem: what codes cost, where requests may leave, and how much both may cost
 * together. Throws RefusedError where another model or other shapes were calibrated.
 */
export function calibratedOptions(
  calibration: Calibration,
  graph: Graph,
): Pick<ProblemOptions, 'accuracy' | 'exits' | 'accuracyLoss'> {
  checkModel(calibration, graph);
  const known = new Map(graph.tensors.map(({ id, name }) => [name, id]));
  const idOf = (name: string): TensorId => {
    const id = known.get(name);
    if (id !== undefined) return id;
    throw new InvalidInputError(
      `the calibration names the tensor '${name.slice(0, 100)}', which ${graph.name} does not have`,
      'Calibrate again with `tandem calibrate MODEL --data FOLDER`.',
    );
  };
  const exits = exitTableOf(calibration, graph, idOf);
  return {
    accuracy: accuracyOf(calibration, idOf),
    accuracyLoss: calibration.mostLoss,
    ...(exits === null ? {} : { exits }),
  };
}

function checkModel({ model }: Calibration, graph: Graph): void {
  const inputs = inputShapes(graph);
  if (model.digest !== graph.modelDigest)
    throw new RefusedError(
      `the calibration is of ${model.name.slice(0, 100)} (${model.digest}), expected ${graph.name} (${graph.modelDigest ?? 'no digest'})`,
      'Give the calibration of this very model, or make it with `tandem calibrate MODEL --data FOLDER`.',
    );
  if (model.inputs !== inputs)
    throw new RefusedError(
      `the calibration is of the inputs ${model.inputs.slice(0, 200)}, expected ${inputs}`,
      'Calibrate again with the same --dimension values.',
    );
}

/**
 * The losses of what crosses coded beside raw tensors only; of a tensor in several cuts the greatest; where calibration gave the affine
 * codec up, of half precision alone. What was not measured stays raw: nothing is assumed beside a calibration.
 */
function accuracyOf({ cuts, data }: Calibration, idOf: (name: string) => TensorId): Accuracy {
  const rows = new Map<string, AccuracyRow>();
  for (const { tensors, bits: chosen, losses } of cuts) {
    for (const { bits, loss } of losses) {
      const coded = bits.flatMap((own, at) => (own === null ? [] : [{ at, own }]));
      const [only, more] = coded;
      if (only === undefined || more !== undefined) continue;
      if (chosen[only.at] === 16 && only.own !== 16) continue;
      const tensor = idOf(tensors[only.at] ?? '');
      const share = Math.max(0, loss.share);
      const row: AccuracyRow = {
        tensor,
        bits: only.own,
        loss: share,
        samples: loss.samples,
        low: loss.low,
        high: loss.high,
      };
      const key = `${tensor} ${only.own}`;
      if (share >= (rows.get(key)?.loss ?? 0)) rows.set(key, row);
    }
  }
  return {
    rows: [...rows.values()],
    data: `${data.name}, ${data.judgedBy}`,
    others: 'raw',
    chosen: cuts.flatMap(({ tensors, sent }) =>
      sent.map(({ afterExits, bits, loss }) => ({
        ...cutOfNames(tensors, idOf),
        afterExits,
        bits,
        loss: Math.max(0, loss.share),
        samples: loss.samples,
        low: loss.low,
        high: loss.high,
      })),
    ),
  };
}

/** In the order of the graph. */
function cutOfNames(names: readonly string[], idOf: (name: string) => TensorId): CutTensors {
  return asCutTensors(names.map(idOf)) ?? { tensor: idOf('') };
}

/** Classifiers, and the centres of cuts; null where nothing answers early. */
function exitTableOf(
  calibration: Calibration,
  graph: Graph,
  idOf: (name: string) => TensorId,
): ExitTable | null {
  const allowed = new Set(exitOrder(graph));
  const byCentres = calibration.cuts.flatMap((cut) => centresExit(cut, graph, allowed, idOf));
  const byHeads = headTableOf(calibration, graph, allowed, idOf);
  if (byCentres.length === 0 && byHeads.heads.length === 0) return null;
  return {
    heads: [...byHeads.heads, ...byCentres.map(({ head }) => head)],
    settings: [...byHeads.settings, ...byCentres.map(({ setting }) => setting)],
  };
}

/** The comparison with the centres of one cut, where requests may leave by it: each cut has a setting of its own. */
function centresExit(
  { tensors, online, exitShare, centres }: CalibratedCut,
  graph: Graph,
  allowed: ReadonlySet<TensorId>,
  idOf: (name: string) => TensorId,
): { readonly head: ExitHead; readonly setting: ExitPolicy }[] {
  if (tensors.length === 0 || online.exitAbove === null) return [];
  const cut = cutOfNames(tensors, idOf);
  const all = cutTensors(cut);
  if (!(all.length === 1 ? allowed.has(cut.tensor) : leadOnTogether(graph, all))) return [];
  const labels = centres.map(({ label }) => label);
  const head = {
    ...exitHead({ labels, rows: centres.map(({ centre }) => centre) }, graph, cut),
    kind: 'centres',
  } as const;
  const point = { ...cut, kind: 'centres', threshold: online.exitAbove, share: exitShare } as const;
  return [{ head, setting: { points: [point], accuracyLoss: Math.max(0, online.exitLoss.share) } }];
}

function headTableOf(
  { heads: { heads, settings } }: Calibration,
  graph: Graph,
  allowed: ReadonlySet<TensorId>,
  idOf: (name: string) => TensorId,
): ExitTable {
  if (heads.length === 0 || settings.length === 0) return { heads: [], settings: [] };
  const rows = heads.map(({ labels, weights, tensor }) =>
    exitHead({ labels, rows: weights }, graph, { tensor: idOf(tensor) }),
  );
  const away = heads.find((_head, at) => !allowed.has(rows[at]?.tensor ?? -1));
  if (away !== undefined)
    throw new InvalidInputError(
      `the calibration has a classifier at '${away.tensor.slice(0, 100)}', where other tensors lead on as well`,
      'Calibrate again with `tandem calibrate MODEL --data FOLDER`.',
    );
  return {
    heads: rows,
    settings: settings.map(({ threshold, from, shares, loss }) => ({
      points: rows
        .map(({ tensor, kind }, at) => ({ tensor, kind, threshold, share: shares[at] ?? 0 }))
        .slice(from),
      accuracyLoss: Math.max(0, loss.share),
    })),
  };
}

const floatBytes = Float32Array.BYTES_PER_ELEMENT;

/** The means of the channels, then a matrix. */
function exitHead(
  { labels, rows }: { readonly labels: readonly Label[]; readonly rows: readonly (readonly number[])[] },
  graph: Graph,
  cut: CutTensors,
): ExitHead {
  const size = cutTensors(cut).reduce((sum, tensor) => sum + (graph.tensors[tensor]?.bytes ?? 0), 0);
  const parameters = rows.reduce((sum, row) => sum + row.length, 0);
  return {
    ...cut,
    kind: 'confidence',
    flops: flops(size / floatBytes + 2 * parameters),
    movedBytes: bytes(size + floatBytes * parameters),
    parameterBytes: bytes(floatBytes * parameters),
    answerBytes: bytes(floatBytes * labels.length),
  };
}
