import {
  createModelBuilder,
  createRandom,
  cutAt,
  type Graph,
  graphOf,
  nodeRanges,
  nodesInRanges,
  plainCoder,
  singleTensorCuts,
  stageBoundary,
} from '@tandem/core';
import { describe, expect, it } from 'vitest';
import type { TensorValue } from '../execute/executor.ts';
import { type NullSegment, nullExecutor } from '../execute/null-executor.ts';
import { type CalibrateOptions, calibrateModel } from './calibrate-model.ts';
import type { CalibrationRow } from './calibration-job.ts';

/** x → Relu → a → Relu → b, and y = a + b: three values a request, of which the largest is the answer. */
const graph: Graph = (() => {
  const builder = createModelBuilder({ name: 'small', opset: 17 });
  const x = builder.input('x', 'float32', [1, 3]);
  const a = builder.node('Relu', [x]);
  const b = builder.node('Relu', [a]);
  const c = builder.node('Relu', [b]);
  builder.output(builder.node('Add', [b, c]), 'float32', [1, 3]);
  return graphOf(builder.build());
})();
const every = graph.tensors.map(({ name }) => name);

function value(name: string, values: Float32Array<ArrayBuffer>): TensorValue {
  return { name, type: 'float32', shape: [1, values.length], data: new Uint8Array(values.buffer) };
}

/** Runs each segment's nodes; counts how often. */
function smallExecutor(counts: Map<string, number>) {
  const described = (digest: string): NullSegment => {
    const { inputs, outputs } = stageBoundary(graph, nodesInRanges(digest, graph.nodes.length));
    const named = (id: number): string => every[id] ?? '';
    const shapes = outputs.map((id) => ({ name: named(id), type: 'float32', shape: [1, 3] }) as const);
    return { inputs: inputs.map(named), outputs: shapes };
  };
  const segments = new Map<NullSegment, string>();
  return nullExecutor({
    segments: ({ digest }) => {
      const segment = described(digest);
      segments.set(segment, digest);
      return segment;
    },
    respond: (segment, inputs) => {
      const ranges = segments.get(segment) ?? '';
      counts.set(ranges, (counts.get(ranges) ?? 0) + 1);
      const known = new Map(inputs.map(({ name, data }) => [name, new Float32Array(data.buffer)]));
      for (const id of nodesInRanges(ranges, graph.nodes.length)) {
        const { op, inputs: read, outputs } = graph.nodes[id] ?? { op: '', inputs: [], outputs: [] };
        const [first = new Float32Array(3), second = first] = read.map((tensor) =>
          known.get(every[tensor] ?? ''),
        );
        const result =
          op === 'Add'
            ? first.map((own, at) => own + (second[at] ?? 0))
            : first.map((own) => Math.max(0, own));
        known.set(every[outputs[0] ?? 0] ?? '', result);
      }
      return segment.outputs.map(({ name }) => value(name, known.get(name) ?? new Float32Array(3)));
    },
  });
}

const random = createRandom(4);
/** Of label n mod 3, clearly. */
const clear = (count: number): number[][] =>
  Array.from({ length: count }, (_, sample) =>
    [0, 1, 2].map((at) => (at === sample % 3 ? 1 : 0) + 0.2 * random.next()),
  );

function options(
  samples: readonly (readonly number[])[],
  own: Partial<CalibrateOptions> = {},
  counts: Map<string, number> = new Map(),
): CalibrateOptions {
  return {
    job: {
      graph,
      cuts: singleTensorCuts(graph),
      data: {
        samples: samples.length,
        read: async (sample) => [value('x', Float32Array.from(samples[sample] ?? []))],
      },
      segments: {
        segment: async (nodes) => ({ digest: nodeRanges(nodes), model: { path: '' } }),
      },
      executors: [smallExecutor(counts), smallExecutor(counts)],
      coder: plainCoder,
      memoryBytes: 24 * 40,
      signal: new AbortController().signal,
    },
    mostLoss: 0.02,
    keep: async () => undefined,
    ...own,
  };
}

describe('calibrateModel', () => {
  it('finds few bits and exits where answers are clear, and more where they are not', async () => {
    const sure = await calibrateModel(options(clear(240)));
    expect(sure.cuts.map(({ tensors, bits }) => [tensors.length, bits])).toEqual([
      [1, [2]],
      [1, [2]],
    ]);
    for (const { online, centres, losses, exitShare } of sure.cuts) {
      expect(exitShare).toBeGreaterThan(0.5);
      expect(online.exitAbove).toBeGreaterThan(0);
      expect(online.exitLoss.share).toBe(0);
      expect(centres.map(({ label, count }) => [label, count])).toEqual([
        [0, 80],
        [1, 80],
        [2, 80],
      ]);
      expect(losses.at(-1)).toMatchObject({ bits: [2], loss: { samples: 240, lost: 0 } });
    }
    expect(sure.heads.heads.length).toBeGreaterThan(0);
    expect(sure.heads.settings.some(({ shares, loss }) => shares[0] === 1 && loss.share === 0)).toBe(true);
    const close = Array.from({ length: 240 }, () => [0, 1, 2].map(() => 1 + 0.02 * random.next()));
    const unsure = await calibrateModel(options(close));
    for (const { bits } of unsure.cuts) expect(bits[0] ?? 9).toBeGreaterThan(6);
  });

  it('is the same with one executor as with two, and goes on from what was measured', async () => {
    const samples = clear(210);
    const rows: CalibrationRow[] = [];
    const counts = new Map<string, number>();
    const keep = async (row: CalibrationRow): Promise<void> => void rows.push(row);
    const first = await calibrateModel(options(samples, { keep }, counts));
    const alone = options(samples);
    const again = await calibrateModel({
      ...alone,
      job: { ...alone.job, executors: alone.job.executors.slice(0, 1), memoryBytes: 1e6 },
    });
    expect(again).toEqual(first);
    const total = (of: ReadonlyMap<string, number>): number =>
      [...of.values()].reduce((sum, each) => sum + each, 0);
    const later = new Map<string, number>();
    expect(await calibrateModel(options(samples, { known: rows }, later))).toEqual(first);
    expect(later.size).toBe(0);
    const half = new Map<string, number>();
    expect(await calibrateModel(options(samples, { known: rows.slice(0, rows.length >> 1) }, half))).toEqual(
      first,
    );
    expect(total(half)).toBeLessThan(total(counts));
    expect(total(half)).toBeGreaterThan(0);
  });

  it('takes half precision, and says so, where the samples are too few to tell the loss of fewer bits', async () => {
    const { cuts } = await calibrateModel(options(clear(150)));
    for (const { bits, losses, sent, online, notes } of cuts) {
      expect({ bits, sent, fewerBits: online.fewerBits }).toEqual({ bits: [16], sent: [], fewerBits: [] });
      expect(losses.map((row) => row.bits)).toEqual([[16]]);
      expect(notes.join(' ')).toMatch(
        /not resolvable at 150 samples.*half precision.* 200 samples could tell/,
      );
      expect(online.exitAbove).toBeGreaterThan(0);
    }
  });

  it('judges tensors that cross together, together', async () => {
    const { job, ...rest } = options(clear(120));
    const names = graph.nodes.flatMap(({ op, outputs }) =>
      op === 'Relu' ? (every[outputs[0] ?? 0] ?? []) : [],
    );
    const cuts = [cutAt(graph, names.slice(1))];
    const { cuts: rows } = await calibrateModel({ ...rest, mostLoss: 0.04, job: { ...job, cuts } });
    expect(rows).toMatchObject([{ tensors: names.slice(1), bits: [2, 2], online: { fewerBits: [] } }]);
    expect(rows[0]?.sent.map(({ bits }) => bits)).toEqual([[{ bits: 2, share: 1 }], [{ bits: 2, share: 1 }]]);
    // Both hold the same here, so each part of what a request is recognised by has the length 1.
    for (const { centre } of rows[0]?.centres ?? []) expect(centre.slice(0, 3)).toEqual(centre.slice(3));
    expect(() => cutAt(graph, names.slice(2))).toThrow(/there cross/);
    expect(() => cutAt(graph, ['none'])).toThrow(/no tensor and no layer 'none'/);
  });

  it.each<[string, number[][], RegExp]>([
    ['no samples', [], /no calibration samples/],
    ['one sample', clear(1), /Exits are off: there are 1 calibration samples/],
    [
      'a single label',
      Array.from({ length: 60 }, () => [1, random.next() / 2, 0]),
      /Exits are off: .* one label/,
    ],
    ['a label for each sample', clear(3), /Exits are off: .* no label/],
    [
      'an activation that is no number',
      [...clear(59), [1, Number.NaN, 0]],
      /Exits are off and what crosses stays raw: 1 of 60 samples .* not finite/,
    ],
  ])('turns exits off with a message on %s', async (_what, samples, message) => {
    const { cuts, heads } = await calibrateModel(options(samples));
    for (const { online, notes, centres } of cuts) {
      expect(online.exitAbove).toBeNull();
      expect([...notes, ...online.notes].join(' ')).toMatch(message);
      expect(centres).toEqual([]);
    }
    expect(heads.settings).toEqual([]);
    expect(heads.notes.join(' ')).toMatch(/There are no exits/);
  });

  it('counts by labels where there are some', async () => {
    const samples = clear(90);
    const truths = samples.map((_sample, at) => (at % 2 === 0 ? at % 3 : 7));
    const { cuts } = await calibrateModel(options(samples, { truths }));
    // The model is wrong on all odd samples: nothing can be lost there.
    for (const { losses } of cuts) for (const { loss } of losses) expect(loss.lost).toBe(0);
  });

  it('ends with what the executor or the data throw, and when told to stop', async () => {
    const { job, ...rest } = options(clear(90));
    const data = { ...job.data, read: async () => Promise.reject(new Error('no such picture')) };
    await expect(calibrateModel({ ...rest, job: { ...job, data } })).rejects.toThrow('no such picture');
    const signal = AbortSignal.abort(new Error('stopped'));
    await expect(calibrateModel({ ...rest, job: { ...job, signal } })).rejects.toThrow('stopped');
  });
});
