import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  canonicalJson,
  cutAt,
  exampleCluster,
  type Graph,
  graphOf,
  problemOf,
  readCalibration,
  singleTensorCuts,
} from '@tandem/core';
import {
  type CalibrateFileOptions,
  calibrateFile,
  type LoadedModel,
  loadModel,
  modelCards,
  openCalibrationData,
  readTruths,
} from '@tandem/node';
import { afterEach, describe, expect, it } from 'vitest';
import { calibrationOf } from '../../packages/cli/src/calibrate/calibration-of.ts';
import { dataFolder } from '../data.ts';

const opened: LoadedModel[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const loaded of opened.splice(0)) await loaded.close();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function openModel(
  reference: string,
): Promise<{ readonly loaded: LoadedModel; readonly graph: Graph }> {
  const loaded = await loadModel(reference);
  opened.push(loaded);
  return { loaded, graph: graphOf(loaded.model, { batch: 1, modelDigest: await loaded.digest() }) };
}

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-calibrate-test-'));
  folders.push(folder);
  return folder;
}

/** Records of noise, labelled 0 to 9 in turn. */
function records(count: number): Uint8Array {
  const bytes = new Uint8Array(count * 3073);
  for (let at = 0; at < bytes.length; at++)
    bytes[at] = at % 3073 === 0 ? Math.floor(at / 3073) % 10 : (at * 7919) % 251;
  return bytes;
}

describe('calibrateFile', () => {
  it('stops when told to, goes on where it stopped, and leaves one file that planners read', async () => {
    const folder = await emptyFolder();
    const { loaded, graph } = await openModel('zoo:cifar-resnet-8');
    const path = join(folder, 'records.bin');
    await writeFile(path, records(12));
    const data = await openCalibrationData({ path, graph, card: modelCards['unit-1'] });
    expect(readTruths('own', data)).toEqual(data.places.map((place) => place % 10));
    const output = join(folder, 'calibration.json');
    const cuts = singleTensorCuts(graph).slice(0, 3);
    const options = { loaded, graph, cuts, data, mostLoss: 0.01, threads: 1, output } as const;
    const controller = new AbortController();
    const stopped: CalibrateFileOptions = {
      ...options,
      signal: controller.signal,
      onProgress: ({ done }) => {
        if (done === 2) controller.abort(new Error('stopped by the test'));
      },
    };
    await expect(calibrateFile(stopped)).rejects.toThrow('stopped by the test');
    const kept = (await readFile(`${output}.part`, 'utf8')).trimEnd().split('\n');
    expect(kept.length).toBeGreaterThan(2);
    const { signal } = new AbortController();
    const other = { ...options, mostLoss: 0.02, signal };
    await expect(calibrateFile(other)).rejects.toMatchObject({ name: 'RefusedError' });
    const { features, ...before } = JSON.parse(kept[0] ?? '') as Record<string, unknown>;
    expect(features).toBe('scaled');
    await writeFile(`${output}.part`, [canonicalJson(before), ...kept.slice(1), ''].join('\n'));
    await expect(calibrateFile({ ...options, signal })).rejects.toMatchObject({ name: 'RefusedError' });
    await writeFile(`${output}.part`, [...kept, ''].join('\n'));
    const calibration = await calibrateFile({ ...options, signal });
    expect((await readdir(folder)).sort()).toEqual(['calibration.json', 'records.bin']);
    expect(readCalibration(await readFile(output, 'utf8')).cuts).toHaveLength(3);
    expect(calibration.cuts[0]?.notes.join(' ')).toMatch(/not resolvable at 12 samples/);
    expect((await calibrationOf(output, graph)).accuracy?.data).toBe('records.bin, agreement');
    const another = { ...graph, modelDigest: 'b'.repeat(64) };
    await expect(calibrationOf(output, another)).rejects.toMatchObject({ name: 'RefusedError' });
    await expect(calibrationOf(path, graph)).rejects.toMatchObject({ name: 'InvalidInputError' });
  });
});

describe('calibration data', () => {
  it('say what is wrong with them', async () => {
    const folder = await emptyFolder();
    const { graph } = await openModel('zoo:cifar-resnet-8');
    const open = (path: string) => openCalibrationData({ path, graph, card: modelCards['unit-1'] });
    await expect(open(join(folder, 'none'))).rejects.toThrow(/cannot be read/);
    const nothing = await open(folder);
    expect(nothing.samples).toBe(0);
    expect(() => readTruths('own', nothing)).toThrow(/brings no labels/);
    const path = join(folder, 'records.bin');
    await writeFile(path, records(3).subarray(1));
    await expect(open(folder)).rejects.toThrow(/multiple of 3073/);
    await writeFile(path, records(3));
    const data = await open(folder);
    const labels = join(folder, 'labels.txt');
    await writeFile(labels, '4\n5\n6\n');
    expect(readTruths(labels, data)).toEqual(data.places.map((place) => 4 + place));
    await writeFile(labels, '0 7\n1 8\n');
    expect(() => readTruths(labels, data)).toThrow(/no label for 2/);
    await writeFile(`${labels}.json`, '[4, 5, "six"]');
    expect(() => readTruths(`${labels}.json`, data)).toThrow(/label NaN for 2/);
  });
});

describe('a folder of calibration data', () => {
  it('is read with all that its own folders hold', async () => {
    const folder = await emptyFolder();
    const { graph } = await openModel('zoo:cifar-resnet-8');
    for (const [own, files] of Object.entries({ many: 70, 'many/more': 40 })) {
      await mkdir(join(folder, own), { recursive: true });
      for (let at = 0; at < files; at++) await writeFile(join(folder, own, `${at}.png`), 'a picture');
    }
    const { names } = await openCalibrationData({ path: folder, graph, card: modelCards['unit-1'] });
    expect(names).toHaveLength(110);
    expect(names).toContain('many/more/39.png');
  });
});

describe.skipIf(dataFolder === null)('a trained network', () => {
  it('needs more bits in front than behind, and plans say what is known of its accuracy', async () => {
    const shared = dataFolder ?? '';
    const folder = await emptyFolder();
    const { loaded, graph } = await openModel(join(shared, 'models/cifar10_resnet8_mlperftiny.onnx'));
    const data = await openCalibrationData({
      path: join(shared, 'datasets/cifar10-jpeg-test2000'),
      range: [0, 1000],
      samples: 300,
      graph,
      card: modelCards['raw-255'],
    });
    expect(data.samples).toBe(300);
    const cuts = singleTensorCuts(graph).filter((_cut, at) => at % 4 === 0);
    const output = join(folder, 'calibration.json');
    const { signal } = new AbortController();
    const calibration = await calibrateFile({
      loaded,
      graph,
      cuts,
      data,
      mostLoss: 0.02,
      threads: 1,
      output,
      signal,
    });
    const options = await calibrationOf(output, graph);
    for (const { bits, losses, tensors } of calibration.cuts) {
      expect(cutAt(graph, tensors).boundary).toHaveLength(1);
      const chosen = losses.find((row) => row.bits[0] === bits[0]);
      if (bits[0] !== null) expect(chosen?.loss).toMatchObject({ samples: 300 });
      expect(chosen?.loss.share ?? 0).toBeLessThanOrEqual(0.01);
    }
    expect(calibration.heads.settings.length).toBeGreaterThan(0);
    expect(problemOf(graph, exampleCluster(), options).exits?.heads.length).toBeGreaterThan(1);
  });
});
