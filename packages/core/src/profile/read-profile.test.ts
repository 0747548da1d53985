import { describe, expect, it } from 'vitest';
import { exampleCluster } from '../cluster/example-cluster.ts';
import { randomGraph } from '../graph/random-graph.ts';
import { createRandom } from '../random.ts';
import { bytes, seconds } from '../units.ts';
import { inputShapes, type MeasuredRow, type ProfileFile, writeProfile } from './profile-file.ts';
import { profileFor } from './profile-for.ts';
import { readProfile } from './read-profile.ts';
import { rmsLogRatio } from './repeatability.ts';

const digest = 'a'.repeat(64);
const graph = { ...randomGraph(createRandom(1), { kind: 'chain', nodes: 3 }), modelDigest: digest };
const device = exampleCluster().devices[1]!;
const base = { batch: 1, frequencyHertz: null, spreadSeconds: seconds(0.25) } as const;
const clock = { kind: 'pace', share: 0.5 } as const;
const rows: readonly MeasuredRow[] = [
  { ...base, kind: 'segment', name: '0-2', threads: 1, state: 'warm', seconds: seconds(4) },
  {
    ...base,
    kind: 'segment',
    name: '0-2',
    threads: 1,
    state: 'cold',
    seconds: seconds(9),
    loadSeconds: seconds(2),
    memoryBytes: bytes(100),
  },
  { ...base, kind: 'segment', name: '0-2', threads: 2, state: 'warm', seconds: seconds(2) },
  { ...base, kind: 'node', name: 'node0', threads: 1, state: 'warm', seconds: seconds(1) },
  {
    ...base,
    kind: 'codec',
    name: 'affine8',
    step: 'encode',
    elements: 64,
    threads: 1,
    state: 'warm',
    seconds: seconds(3),
  },
  // Last, where a lookup that mixed clocks would take it.
  { ...base, kind: 'segment', name: '0-2', threads: 1, clock, state: 'warm', seconds: seconds(8) },
  ...(
    [
      { kind: 'quota', share: 0.5 },
      { kind: 'level', hertz: 1e9 },
      { kind: 'mode', name: '5W' },
    ] as const
  ).map((other) => ({
    ...base,
    kind: 'segment' as const,
    name: '0-2',
    threads: 1,
    clock: other,
    state: 'warm' as const,
    seconds: seconds(7),
  })),
];
const file: ProfileFile = {
  model: { name: 'chain', digest, nodes: 3, batches: [{ batch: 1, inputs: inputShapes(graph) }] },
  device: 'somewhere',
  runtime: 'onnxruntime-node 1.30.0',
  machine: { processor: 'a', cores: 2, memoryBytes: bytes(1), runtimeBytes: bytes(2), system: 'b' },
  passes: 5,
  rows,
  repeatability: [{ batch: 1, threads: 1, rmsLogRatio: 0.02 }],
};

const edited = (change: object): string => JSON.stringify({ ...JSON.parse(writeProfile(file)), ...change });

describe('readProfile', () => {
  it('reads what writeProfile wrote', () => {
    expect(readProfile(writeProfile(file))).toEqual(file);
  });

  it('reads the first version, which knew neither codecs nor batches', () => {
    const { batches, ...model } = file.model;
    const first = edited({
      formatVersion: 1,
      model: { ...model, inputs: batches[0]?.inputs },
      rows: rows.slice(0, 4),
      repeatability: [{ threads: 1, rmsLogRatio: 0.02 }],
    });
    expect(readProfile(first)).toEqual({ ...file, rows: rows.slice(0, 4) });
  });

  it.each<[string, string, string]>([
    ['no JSON', '{"format"', 'is not one JSON document'],
    ['another document', '[]', 'the document is a list, expected an object'],
    ['another format', edited({ format: 'tandem-plan' }), 'format is "tandem-plan"'],
    ['a newer version', edited({ formatVersion: 3 }), 'format version 3, expected 1 to 2'],
    ['no batches', edited({ model: { ...file.model, batches: undefined } }), 'model has no batches'],
    ['no rows', edited({ rows: undefined }), 'rows is absent'],
    [
      'a codec of no size',
      edited({ rows: [{ ...rows[4], elements: undefined }] }),
      'expected step and elements',
    ],
    [
      'another clock',
      edited({ rows: [{ ...rows[5], clock: { kind: 'x', share: 1 } }] }),
      'rows[0].clock.kind is "x"',
    ],
    [
      'no level',
      edited({ rows: [{ ...rows[5], clock: { kind: 'level' } }] }),
      'of kind level, expected hertz',
    ],
    [
      'no share',
      edited({ rows: [{ ...rows[5], clock: { kind: 'quota' } }] }),
      'of kind quota, expected share',
    ],
    ['no mode', edited({ rows: [{ ...rows[5], clock: { kind: 'mode' } }] }), 'of kind mode, expected name'],
    ['a negative time', edited({ rows: [{ ...rows[0], seconds: -1 }] }), 'rows[0].seconds is -1'],
    ['an unknown key', edited({ rows: [{ ...rows[0], second: 1 }] }), "did you mean 'seconds'?"],
    ['a segment of other nodes', edited({ rows: [{ ...rows[0], name: '0-3' }] }), "the segment is '0-3'"],
    ['a huge segment', edited({ rows: [{ ...rows[0], name: '0-99999999999' }] }), 'the segment is'],
  ])('refuses %s', (_, text, message) => {
    expect(() => readProfile(text)).toThrow(message);
  });
});

describe('profileFor', () => {
  it('takes the warm rows of the device’s threads at its own clock, under its id', () => {
    const own = { device: 'server', source: 'measured' };
    expect(profileFor(file, graph, device)).toEqual({
      rows: [{ node: 'node0', seconds: 1, ...own }],
      segments: [
        { segment: '0-2', seconds: 4, spreadSeconds: 0.25, ...own, levels: [{ hertz: 1e9, seconds: 7 }] },
      ],
      otherThreads: [
        { device: 'server', threads: 2, rows: [], segments: [expect.objectContaining({ seconds: 2 })] },
      ],
    });
    expect(profileFor(file, graph, { ...device, threads: 2 }).segments?.[0]?.seconds).toBe(2);
  });

  it('takes the rows of the batch that the graph is shaped for', () => {
    const model = {
      ...file.model,
      batches: [...file.model.batches, { batch: 4, inputs: inputShapes(graph, 4) }],
    };
    const more = { ...rows[0]!, batch: 4, seconds: seconds(13) };
    const both = { ...file, model, rows: [...rows, more] };
    const { otherBatches, ...alone } = profileFor(both, graph, device);
    expect(alone).toEqual(profileFor(file, graph, device));
    expect(otherBatches).toEqual([
      { device: 'server', requests: 4, rows: [], segments: [expect.objectContaining({ seconds: 13 })] },
    ]);
    const swapped = model.batches.map(({ inputs }, index) => ({ batch: index === 0 ? 4 : 1, inputs }));
    const ofFour = profileFor({ ...both, model: { ...model, batches: swapped } }, graph, device);
    expect(ofFour).toMatchObject({ rows: [], segments: [{ segment: '0-2', seconds: 13 }] });
  });

  it('refuses another model, other shapes and threads that were not measured', () => {
    const reshaped = { ...file, model: { ...file.model, batches: [{ batch: 1, inputs: 'x float32[2]' }] } };
    expect(() => profileFor(reshaped, graph, device)).toThrow('measured the inputs x float32[2], expected');
    expect(() => profileFor(file, { ...graph, modelDigest: 'b'.repeat(64) }, device)).toThrow(
      'the profile measured chain',
    );
    expect(() => profileFor(file, graph, { ...device, threads: 4 })).toThrow(
      "measured 1, 2 threads, expected 4, which device 'server' has",
    );
  });
});

describe('rmsLogRatio', () => {
  it.each<[readonly (readonly number[])[], number | null]>([
    [[], null],
    [[[3]], null],
    [[[2, 2, 2]], 0],
    [[[1, Math.E]], 1],
    [[[1, 1, Math.E]], Math.sqrt((2 * Math.log((1 + Math.E) / 2) ** 2 + 1) / 3)],
  ])('of %j is %j', (series, expected) => {
    if (expected === null) expect(rmsLogRatio(series)).toBeNull();
    else expect(rmsLogRatio(series)).toBeCloseTo(expected, 12);
  });
});
