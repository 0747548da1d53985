import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { dataFolder } from '../../tests/data.ts';
import type { Bench, BenchContext, BenchResult, BenchRow } from '../bench.ts';
import { type EqualityKind, holds } from '../equality/equalities.ts';
import { exceptionsOf } from '../equality/exceptions.ts';
import { openProgress } from '../equality/progress.ts';
import { folderSubjects, type Subject, zooSubjects, zooTooLarge } from '../equality/subjects.ts';
import { type SweepResult, sweep } from '../equality/sweep.ts';
import { withScratch } from '../models/scratch.ts';

const options = { multiTensor: 50, seed: 1, cutsPerProcess: 25 };

export const equality: Bench = {
  title:
    'Equalities (a), (b) and (c) of ARCHITECTURE.md at every single-tensor cut and 50 random multi-tensor cuts.',
  run: async (context: BenchContext): Promise<BenchResult> => {
    const progress = openProgress(context.fresh);
    const results: SweepResult[] = [];
    for (const subject of await subjects(context.only))
      results.push(
        await withScratch(async (folder) =>
          sweep(subject.name, await subject.file(folder), options, progress, context),
        ),
      );
    return { rows: results.flatMap(rowsOf), remarks: [...remarks, ...results.flatMap(exceptionsOf)] };
  },
};

async function subjects(only: string): Promise<Subject[]> {
  const models = dataFolder === null ? null : join(dataFolder, 'models');
  const real = models !== null && existsSync(models) ? await folderSubjects(models) : [];
  return [...real, ...zooSubjects('published')].filter((subject) => subject.name.includes(only));
}

const meaning: Readonly<Record<EqualityKind, string>> = {
  a: '(a) distributed = back to back, bit for bit',
  b: '(b) segments = whole at basic, bit for bit',
  c: '(c) segments = whole at default, within tolerance',
};

function rowsOf(result: SweepResult): BenchRow[] {
  const kinds: readonly EqualityKind[] = result.half ? ['a', 'c'] : ['a', 'b', 'c'];
  const differences = result.cuts.map((cut) => cut.c.maxRelativeDifference);
  return [
    ...kinds.map((kind) => countRow(result, kind)),
    {
      case: `${result.subject}: largest difference of (c)`,
      value: Math.max(0, ...differences),
      unit: 'of the largest output',
    },
  ];
}

function countRow({ subject, half, cuts }: SweepResult, kind: EqualityKind): BenchRow {
  const held = cuts.filter((cut) => holds(kind, cut, half) === true).length;
  return {
    case: `${subject}: ${meaning[kind]}`,
    value: held,
    unit: 'cuts',
    ratioTo: `all ${cuts.length} cuts`,
    ratio: held / cuts.length,
  };
}

const remarks = [
  '(a) runs the halves on two executors, each with a worker thread of its own, in one process, and carries the boundary over a TCP connection on loopback in the messages that agents use; the two ends of a real run are two processes.',
  'Inputs are seeded and uniform in [-1, 1); the networks of the zoo have seeded weights. One thread an operator, ONNX Runtime’s default optimisation except in (b).',
  'The whole model has its batch bound to 1, as its segments have: left open, it keeps ONNX Runtime from rewrites that need every shape, and the whole ViT then rounds differently (about 1e-6) from any segment, even one with every node.',
  `Not checked, since a half may pass the 2 GiB of one file: zoo ${zooTooLarge.join(', ')}.`,
  'Single-tensor cuts are all that there are; multi-tensor cuts are random and distinct, fewer than 50 where a network has fewer.',
];
