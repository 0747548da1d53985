import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestBytes, encodeModel, InvalidInputError, singleTensorCuts } from '@tandem/core';
import { createSha256, writeEncoded } from '@tandem/node';
import type { Bench, BenchContext, BenchResult } from '../bench.ts';
import { boundaryText, halvesOf } from '../models/halves.ts';
import { openModel } from '../models/opened-model.ts';
import { withScratch } from '../models/scratch.ts';
import { writeZooFile } from '../models/zoo-file.ts';
import { median, paired, timed } from '../paired.ts';

/** Where the two parts of one split went. */
interface Parts {
  readonly head: string;
  readonly tail: string;
  readonly headBytes: number;
  readonly tailBytes: number;
  readonly boundary: string;
}

export const split: Bench = {
  title:
    'Splitting a ResNet-101 file into two model files, against reading it and writing two files of the same sizes.',
  run: (context: BenchContext): Promise<BenchResult> =>
    withScratch(async (folder) => {
      context.progress('writing ResNet-101');
      const file = await writeZooFile(folder, 'resnet-101');
      const parts = await splitFile(file, folder);
      const splitting = async (): Promise<number> => {
        remove(parts);
        return timed(() => splitFile(file, folder));
      };
      const copying = async (): Promise<number> => {
        remove(parts);
        return timed(() => copyInTwo(file, parts));
      };
      const times = await paired(copying, splitting, { rounds: 11, warmUp: 2, signal: context.signal });
      const digesting: number[] = [];
      for (let round = 0; round < 3; round++) digesting.push(await timed(() => digestParts(parts)));
      return {
        rows: [
          { case: 'read and write the same bytes', value: times.firstSeconds, unit: 's' },
          {
            case: 'read, extract and write two models',
            value: times.secondSeconds,
            unit: 's',
            ratioTo: 'read and write the same bytes',
            ratio: times.ratio,
          },
          { case: 'SHA-256 of both models, not in the above', value: median(digesting), unit: 's' },
          { case: 'size of the parts in sum', value: parts.headBytes + parts.tailBytes, unit: 'bytes' },
        ],
        remarks: remarksOf(parts, times.ratioQuartiles),
      };
    }),
};

const remarksOf = (parts: Parts, [low, high]: readonly [number, number]): string[] => [
  `Cut at ${parts.boundary}: ${parts.headBytes} + ${parts.tailBytes} bytes. Half of the rounds' ratios lie between ${low.toFixed(3)} and ${high.toFixed(3)}. Target: less than 1.5.`,
  'Splitting = opening the file, reading its headers, inferring every shape, listing the cuts, extracting both sub-models, writing both files (to a temporary name, then renamed).',
  'The floor = readFileSync, then two writeFileSync of its parts. Both remove the files of the round before outside of the time that counts.',
  'The page cache is warm: the source was just written and is read each round. Nothing is flushed to the disk, by neither.',
];

/** The single-tensor cut that splits the weights most evenly. */
async function splitFile(file: string, folder: string): Promise<Parts> {
  const opened = openModel(file);
  try {
    const { model, graph } = opened;
    const weights = graph.nodes.map((node) => node.parameterBytes);
    const total = weights.reduce((sum, bytes) => sum + bytes, 0);
    const unevenness = (nodes: readonly number[]): number =>
      Math.abs(nodes.reduce((sum, id) => sum + (weights[id] ?? 0), 0) - total / 2);
    const [cut] = [...singleTensorCuts(graph)].sort(
      (left, right) => unevenness(left.nodes) - unevenness(right.nodes),
    );
    if (cut === undefined)
      throw new InvalidInputError(`${file} has no single-tensor cut`, 'Take another model.');
    const halves = halvesOf(model, graph, cut);
    const [head, tail] = [encodeModel(halves.head), encodeModel(halves.tail)];
    const paths = { head: join(folder, 'head.onnx'), tail: join(folder, 'tail.onnx') };
    await writeEncoded(paths.head, head);
    await writeEncoded(paths.tail, tail);
    return {
      ...paths,
      headBytes: head.sizeBytes,
      tailBytes: tail.sizeBytes,
      boundary: boundaryText(graph, cut),
    };
  } finally {
    opened.close();
  }
}

function copyInTwo(file: string, { head, tail, headBytes, tailBytes }: Parts): void {
  const bytes = readFileSync(file);
  writeFileSync(head, bytes.subarray(0, headBytes));
  // The parts may be a little larger than the whole in sum: shared weights, headers twice.
  writeFileSync(tail, bytes.subarray(Math.max(0, bytes.length - tailBytes)));
}

function remove({ head, tail }: Parts): void {
  rmSync(head, { force: true });
  rmSync(tail, { force: true });
}

function digestParts({ head, tail }: Parts): string[] {
  return [head, tail].map((path) => digestBytes(readFileSync(path), createSha256));
}
