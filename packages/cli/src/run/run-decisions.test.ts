import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CalibratedCut,
  evaluate,
  exampleCluster,
  graphOf,
  inputShapes,
  type Plan,
  planOf,
  prefixCuts,
  problemOf,
  saveCentres,
  singleTensorCuts,
  writeCalibration,
  zooModel,
} from '@tandem/core';
import type { Gateway } from '@tandem/runtime';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { learnedCut } from '../../../../tests/learned-cut.ts';
import { type RunDecisions, runDecisions } from './run-decisions.ts';

const digest = 'a'.repeat(64);
const graph = { ...graphOf(zooModel('cifar-resnet-8'), { batch: 1 }), modelDigest: digest };
const problem = problemOf(graph, exampleCluster());
const cuts = singleTensorCuts(graph).filter(({ boundary }) => {
  const shape = graph.tensors[boundary[0] ?? -1]?.shape ?? [];
  return shape.length === 4;
});
const [early, late] = [cuts.at(1), cuts.at(-2)];
/** Where two tensors cross. */
const joint = prefixCuts(graph).find(
  ({ boundary }) => boundary.length === 2 && boundary.every((id) => graph.tensors[id]?.producer !== 'input'),
);

function planAt(cut: typeof early, version: number): Plan {
  const before = new Set(cut?.nodes);
  const behind = [...graph.nodes.keys()].filter((node) => !before.has(node));
  const stages = [
    { device: 'pi', nodes: cut?.nodes ?? [] },
    { device: 'server', nodes: behind },
  ];
  return planOf(problem, '', stages, 'by-hand', { version });
}

const namesAt = (cut: typeof early): readonly string[] =>
  (cut?.boundary ?? []).map((id) => graph.tensors[id]?.name ?? '');

const channelsAt = (cut: typeof early): number =>
  (cut?.boundary ?? []).reduce((sum, id) => sum + (graph.tensors[id]?.shape[1] ?? 0), 0);

const calibratedCut = (cut: typeof early): CalibratedCut =>
  learnedCut({
    tensors: namesAt(cut),
    bits: 4,
    centres: [{ label: 3, count: 10, centre: Array.from({ length: channelsAt(cut) }, () => 0.5) }],
  });

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-run-decisions-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function decisionsUnder(plan: Plan): Promise<RunDecisions> {
  const calibration = join(folder, 'calibration.json');
  const text = writeCalibration({
    model: { name: 'resnet', digest, inputs: inputShapes(graph) },
    data: { name: 'photos', digest, samples: 1000, judgedBy: 'agreement' },
    mostLoss: 0.005,
    cuts: [early, late, joint].map(calibratedCut),
    heads: { heads: [], settings: [], notes: [] },
  });
  await writeFile(calibration, text);
  const report = evaluate(problem, plan);
  return runDecisions({ problem, plan, report, calibration, centres: join(folder, 'centres') });
}

/** Has deployed one version, at whose only decision so many answers were seen of a label. */
function gatewayOf(version: number, channels: number, count: number): Pick<Gateway, 'centres'> {
  const centres = [{ label: 3, count, centre: new Float32Array(channels).fill(0.75) }];
  return {
    centres: async (asked) =>
      asked === version ? { channels, known: { centres, factor: 2 }, note: null } : null,
  };
}

const countsOf = ({ decisions }: Pick<RunDecisions, 'decisions'>): readonly number[] =>
  decisions.flatMap(({ by }) => (by.kind === 'centres' ? [...by.counts, by.factor] : []));

it('gives what was learned at a cut to the plans that cut there, and to no others', async () => {
  const { signal } = new AbortController();
  const first = planAt(early, 1);
  const run = await decisionsUnder(first);
  const channels = run.decisions[0]?.channels ?? 0;
  const under = (plan: Plan, version: number) =>
    run.under({ plan, report: evaluate(problem, plan) }, version);
  expect(countsOf(run)).toEqual([10, 1]);
  await run.collect(gatewayOf(1, channels, 42), signal);
  const elsewhere = under(planAt(late, 2), 3);
  expect(countsOf(elsewhere)).toEqual([10, 1]);
  await run.collect(gatewayOf(3, elsewhere.decisions[0]?.channels ?? 0, 17), signal);
  const back = under(first, 4);
  expect(countsOf(back)).toEqual([42, 2]);
  expect([...new Float32Array(back.matrices.buffer)]).toEqual(Array.from({ length: channels }, () => 0.75));
  expect(countsOf(under(planAt(late, 2), 5))).toEqual([17, 2]);
});

it('tells of the version that is deployed alone, and saves what was learned at every cut', async () => {
  const { signal } = new AbortController();
  const run = await decisionsUnder(planAt(early, 1));
  const channels = run.decisions[0]?.channels ?? 0;
  await run.collect(gatewayOf(1, channels, 42), signal);
  const plan = planAt(late, 2);
  const { decisions } = run.under({ plan, report: evaluate(problem, plan) }, 3);
  const rows = await run.learned(gatewayOf(3, decisions[0]?.channels ?? 0, 17), signal);
  expect(rows).toEqual([{ stage: 0, by: 'centres', labels: 1, note: null }]);
  const again = await decisionsUnder(planAt(early, 1));
  expect(countsOf(again)).toEqual([42, 2]);
  expect((await readFile(join(folder, 'centres'), 'utf8')).trim().split('\n')).toHaveLength(2);
});

it('goes by the calibration where what was learned of several tensors was not scaled', async () => {
  const { signal } = new AbortController();
  const plan = planAt(joint, 1);
  const channels = channelsAt(joint);
  const centres = [{ label: 3, count: 99, centre: new Float32Array(channels).fill(0.75) }];
  const name = [digest, digest, ...namesAt(joint)].join(' ');
  await writeFile(join(folder, 'centres'), saveCentres(name, channels, { centres }));
  const run = await decisionsUnder(plan);
  expect(countsOf(run)).toEqual([10, 1]);
  expect(run.notes).toMatchObject([expect.stringMatching(/goes by the calibration/)]);
  await run.learned(gatewayOf(1, channels, 42), signal);
  expect(countsOf(await decisionsUnder(plan))).toEqual([42, 2]);
});
