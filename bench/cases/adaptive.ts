import { join } from 'node:path';
import { type Graph, graphOf, type NodeId, RefusedError } from '@tandem/core';
import { loadModel, withCalibrationJob } from '@tandem/node';
import type { TensorValue } from '@tandem/runtime';
import { type CutStudy, studySubject } from '../../packages/cli/src/reproduce/adaptive/adaptive-study.ts';
import { levels } from '../../packages/cli/src/reproduce/adaptive/stream-orders.ts';
import {
  type StreamSetting,
  streamSetting,
} from '../../packages/cli/src/reproduce/adaptive/stream-setting.ts';
import { type Subject, subjects } from '../../packages/cli/src/reproduce/adaptive/subjects.ts';
import { dataFolder } from '../../tests/data.ts';
import type { Bench, BenchContext, BenchResult, BenchRow, BenchTable } from '../bench.ts';
import { median } from '../paired.ts';

/** The device takes so many times what one core of this machine takes; the server takes just that. */
const slowdown = 4;
const rounds = 15;

/** COACH's online half on trained models, beside the simpler things that it competes with. */
export const adaptive: Bench = {
  title:
    'Exits, bits, bytes, latency and answers lost of COACH’s online half on trained models, beside no adaptation, a softmax head and repeating the last answer.',
  run: async (context: BenchContext): Promise<BenchResult> => {
    const { only, signal } = context;
    if (dataFolder === null)
      throw new RefusedError(
        'there is no test data',
        'Set TANDEM_DATA to the folder that holds models/ and datasets/.',
      );
    const folder = dataFolder;
    const rows: BenchRow[] = [];
    const tables: BenchTable[] = [];
    for (const subject of subjects.filter(({ name }) => name.includes(only))) {
      context.progress(`${subject.name}: running the model on all its data`);
      const { cuts } = await studySubject(subject, folder, signal, async ({ graph, cut }) => {
        const [end, cloud] = await stageSeconds(subject, folder, graph, cut.nodes, signal);
        return streamSetting({ graph, cut }, slowdown * end, cloud);
      });
      for (const cut of cuts) {
        rows.push(...rowsOf(subject, cut));
        tables.push(tableOf(subject, cut));
      }
    }
    return { rows, tables, remarks };
  },
};

const remarks = [
  `Stage times: medians of ${rounds} runs of the segments alone, one thread on this machine; the device is imitated as ${slowdown} times slower. 10 Mbit/s between them, 20 requests a second; latencies are simulated with these, and with what each request really did.`,
  'No sample that was calibrated on is judged. Lost: not the whole model’s answer, with Wilson’s interval of 95 %. Low: shuffled; medium: runs of 25, shuffled; high: in order of time (pictures, which have none, by class).',
  'Repeating sends every third request and answers the others as the server answered last. A head wants ten samples of a label, which the clips do not have.',
];

/** Of what is before the cut and what is behind it. */
async function stageSeconds(
  { file }: Subject,
  folder: string,
  graph: Graph,
  front: readonly NodeId[],
  signal: AbortSignal,
): Promise<readonly [number, number]> {
  const loaded = await loadModel(join(folder, 'models', file));
  try {
    const own = graphOf(loaded.model, { batch: 1 });
    const inFront = new Set(front);
    const back = own.nodes.flatMap(({ id }) => (inFront.has(id) ? [] : [id]));
    const data = { samples: 0, read: async () => [] };
    return await withCalibrationJob(
      { loaded, graph: own, cuts: [], data, threads: 1, signal },
      async ({ executors, segments }) => {
        const timed = async (nodes: readonly NodeId[]): Promise<number> => {
          const [executor] = executors;
          const segment = await executor?.load(await segments.segment(nodes), { threads: 1, signal });
          const times: number[] = [];
          for (let round = 0; segment !== undefined && round <= rounds; round++) {
            const { busySeconds } = await segment.run(zerosFor(graph, segment.inputs), signal);
            if (round > 0) times.push(busySeconds);
          }
          await segment?.close();
          return median(times);
        };
        return [await timed(front), await timed(back)] as const;
      },
    );
  } finally {
    await loaded.close();
  }
}

function zerosFor({ tensors }: Graph, names: readonly string[]): TensorValue[] {
  return names.map((name) => {
    const shape = tensors.find((tensor) => tensor.name === name)?.shape ?? [];
    const elements = shape.reduce((product, side) => product * side, 1);
    return { name, type: 'float32', shape, data: new Uint8Array(4 * elements) };
  });
}

function rowsOf({ name }: Subject, { recorded, rows }: CutStudy): readonly BenchRow[] {
  const at = `${name} at ${(100 * recorded.fraction).toFixed(0)} %`;
  return rows.flatMap(({ rival, level, played }) => {
    const plain = rows.find((row) => row.rival === 'no adaptation' && row.level === level)?.played;
    const to = `${at}, ${level}, no adaptation`;
    const ratio = (own: number, other: number | undefined) => ({
      ratioTo: to,
      ratio: own / (other ?? Number.NaN),
    });
    const what = `${at}, ${level}, ${rival}`;
    const { exitShare, bytes, latencySeconds, loss } = played;
    return [
      { case: `${what}: leave`, value: 100 * exitShare, unit: '%' },
      { case: `${what}: sent`, value: bytes, unit: 'bytes', ...ratio(bytes, plain?.bytes) },
      {
        case: `${what}: latency`,
        value: latencySeconds,
        unit: 's',
        ...ratio(latencySeconds, plain?.latencySeconds),
      },
      { case: `${what}: lost`, value: 100 * loss.share, unit: '%' },
    ];
  });
}

function tableOf({ name }: Subject, cut: CutStudy): BenchTable {
  const { recorded, policy, setting, rows } = cut;
  const left = (title: string) => ({ title, align: 'left' }) as const;
  const right = (title: string) => ({ title, align: 'right' }) as const;
  return {
    title: `${name}, cut at ${(100 * recorded.fraction).toFixed(0)} % of the operations, ${policy.crossing} bits offline${stageText(setting)}`,
    columns: [
      left('correlation'),
      left('policy'),
      right('leave %'),
      left('bits: requests'),
      right('bytes'),
      right('ms'),
      right('lost %'),
      left('interval'),
    ],
    cells: levels.flatMap((level) =>
      rows
        .filter((row) => row.level === level)
        .map(({ rival, played: { exitShare, bits, bytes, latencySeconds, loss } }) => [
          level,
          rival,
          (100 * exitShare).toFixed(1),
          [...bits].map(([own, count]) => `${own}: ${count}`).join(', '),
          bytes.toFixed(0),
          (1e3 * latencySeconds).toFixed(2),
          (100 * loss.share).toFixed(2),
          `${(100 * loss.low).toFixed(2)}–${(100 * loss.high).toFixed(2)}`,
        ]),
    ),
  };
}

const stageText = ({ endSeconds, cloudSeconds }: StreamSetting): string =>
  `; device ${(1e3 * endSeconds).toFixed(2)} ms, server ${(1e3 * cloudSeconds).toFixed(2)} ms`;
