import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sampleCuts } from '../../bench/equality/chosen-cuts.ts';
import { openCutChecker } from '../../bench/equality/cut-check.ts';
import { holds, isHalfPrecision } from '../../bench/equality/equalities.ts';
import { folderSubjects, zooSubjects } from '../../bench/equality/subjects.ts';
import { openModel } from '../../bench/models/opened-model.ts';
import { withScratch } from '../../bench/models/scratch.ts';
import { dataFolder } from '../data.ts';

/** `npm run bench -- equality` checks every cut of every model; this is its sample, on networks that load fast. */
const cutsPerModel = 10;
const seed = 1;
const { signal } = new AbortController();

const subjects = [
  ...(dataFolder === null ? [] : await folderSubjects(join(dataFolder, 'models'))),
  ...zooSubjects({
    'cifar-resnet-8': 32,
    'mobilenet-v2': 64,
    googlenet: 64,
    'inception-v3': 75,
    'resnet-18': 32,
    'resnet-50': 32,
    'regnetx-400mf': 64,
    'vit-b-16': 64,
  }),
];

describe.each(subjects)('$name', (subject) => {
  it(`equals the whole at ${cutsPerModel} cuts`, () =>
    withScratch(async (folder) => {
      const opened = openModel(await subject.file(folder));
      const half = isHalfPrecision(opened.graph);
      const checker = await openCutChecker(opened, folder, signal);
      try {
        const cuts = sampleCuts(opened.graph, cutsPerModel, seed);
        expect(cuts.length).toBeGreaterThan(3);
        const broken: unknown[] = [];
        for (const cut of cuts) {
          const result = await checker.check(cut, signal);
          for (const kind of ['a', 'b', 'c'] as const)
            if (holds(kind, result, half) === false)
              broken.push({ kind, boundary: result.boundary, ...result[kind] });
        }
        expect(broken).toEqual([]);
      } finally {
        await checker.close();
        opened.close();
      }
    }));
});
