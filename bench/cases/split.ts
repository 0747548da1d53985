import {
  closeSync,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { digestBytes, encodeModel, InvalidInputError, singleTensorCuts } from '@tandem/core';
import { createSha256, writeEncoded } from '@tandem/node';
import type { Bench, BenchContext, BenchResult } from '../bench.ts';
import { boundaryText, halvesOf } from '../models/halves.ts';
import { openModel } from '../models/opened-model.ts';
import { withScratch } from '../models/scratch.ts';
import { writeZooFile } from '../models/zoo-file.ts';
import { type Measured, median, paired, timed } from '../paired.ts';

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
      const options = { rounds: 21, warmUp: 2, signal: context.signal };
      const splitting = fresh(parts, () => splitFile(file, folder));
      const streamed = await paired(
        fresh(parts, () => copyStreamed(file, parts)),
        splitting,
        options,
      );
      const whole = await paired(
        fresh(parts, () => copyWhole(file, parts)),
        splitting,
        options,
      );
      const digesting: number[] = [];
      for (let round = 0; round < 3; round++) digesting.push(await timed(() => digestParts(parts)));
      return {
        rows: [
          { case: inMemory, value: whole.firstSeconds, unit: 's' },
          { case: splits, value: whole.secondSeconds, unit: 's', ratioTo: inMemory, ratio: whole.ratio },
          { case: throughBuffer, value: streamed.firstSeconds, unit: 's' },
          {
            case: splits,
            value: streamed.secondSeconds,
            unit: 's',
            ratioTo: throughBuffer,
            ratio: streamed.ratio,
          },
          { case: 'SHA-256 of both models, not in the above', value: median(digesting), unit: 's' },
          { case: 'size of the parts in sum', value: parts.headBytes + parts.tailBytes, unit: 'bytes' },
        ],
        remarks: remarksOf(parts, streamed.ratioQuartiles),
      };
    }),
};

const inMemory = 'read the file whole, write two';
const throughBuffer = 'copy the file into two through one buffer of 1 MiB';
const splits = 'split: read, extract, write two models';

const remarksOf = (parts: Parts, [low, high]: readonly [number, number]): string[] => [
  `Cut at ${parts.boundary}: ${parts.headBytes} + ${parts.tailBytes} bytes. Against the copy through a buffer, half of the rounds’ ratios lie between ${low.toFixed(3)} and ${high.toFixed(3)}. Target: less than 1.5.`,
  'Splitting = opening the file, reading its headers, inferring every shape, listing the cuts, extracting both sub-models, writing both files (to a temporary name, then renamed).',
  'Two floors: readFileSync and two writeFileSync, which pays for fresh memory of the file’s size; and a loop over one small buffer, the least that can be done. Files of the round before are removed outside of the time that counts.',
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

/** Times `work` after the files of the round before were removed. */
function fresh({ head, tail }: Parts, work: () => unknown): Measured {
  return async () => {
    for (const path of [head, tail]) rmSync(path, { force: true });
    return timed(work);
  };
}

/** The parts may be a little larger than the whole in sum (headers twice): the tail's copy starts where it must. */
function copyWhole(file: string, { head, tail, headBytes, tailBytes }: Parts): void {
  const bytes = readFileSync(file);
  writeFileSync(head, bytes.subarray(0, headBytes));
  writeFileSync(tail, bytes.subarray(Math.max(0, bytes.length - tailBytes)));
}

function copyStreamed(file: string, { head, tail, headBytes, tailBytes }: Parts): void {
  const source = openSync(file, 'r');
  copyRange(source, 0, headBytes, head);
  copyRange(source, Math.max(0, fstatSync(source).size - tailBytes), tailBytes, tail);
  closeSync(source);
}

const buffer = new Uint8Array(2 ** 20);

function copyRange(source: number, from: number, length: number, path: string): void {
  const target = openSync(path, 'wx');
  for (let done = 0; done < length; ) {
    const read = readSync(source, buffer, 0, Math.min(buffer.length, length - done), from + done);
    if (read === 0) break;
    done += writeSync(target, buffer, 0, read);
  }
  closeSync(target);
}

function digestParts({ head, tail }: Parts): string[] {
  return [head, tail].map((path) => digestBytes(readFileSync(path), createSha256));
}
