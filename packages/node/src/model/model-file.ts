import { basename, dirname, join, resolve } from 'node:path';
import { digestJson, readModel, resolveExternal } from '@tandem/core';
import { createSha256 } from '../digest/sha256.ts';
import { type FileSource, openFileSource } from '../files/file-source.ts';
import { digestRanges, wholeFile } from './digest-ranges.ts';
import type { LoadedModel } from './load-model.ts';

/** Opens an ONNX file and the files beside it that hold its external data; reads headers only. */
export function loadModelFile(path: string): LoadedModel {
  const files = new Map<string, FileSource>([['', openFileSource(path)]]);
  try {
    return modelOf(path, files);
  } catch (error) {
    closeAll(files);
    throw error;
  }
}

function modelOf(path: string, files: Map<string, FileSource>): LoadedModel {
  const model = resolveExternal(readModel(openBeside(path, '', files)), (location) =>
    openBeside(path, location, files),
  );
  let digest: Promise<string> | null = null;
  return {
    name: basename(path).replace(/\.onnx$/, ''),
    model,
    path: resolve(path),
    sizeBytes: [...files.values()].reduce((sum, { size }) => sum + size, 0),
    digest: () => {
      digest ??= digestFiles(files);
      return digest;
    },
    close: async () => closeAll(files),
  };
}

/** The file at `location`, opened once; '' is the model itself. */
function openBeside(path: string, location: string, files: Map<string, FileSource>): FileSource {
  const known = files.get(location);
  if (known !== undefined) return known;
  const opened = openFileSource(join(dirname(path), location));
  files.set(location, opened);
  return opened;
}

async function digestFiles(files: ReadonlyMap<string, FileSource>): Promise<string> {
  const digests: Record<string, string> = {};
  for (const [location, source] of files) digests[location] = await digestRanges([wholeFile(source)]);
  const [only] = Object.values(digests);
  return files.size === 1 && only !== undefined ? only : digestJson(digests, createSha256);
}

function closeAll(files: ReadonlyMap<string, FileSource>): void {
  for (const source of files.values()) source.close();
}
