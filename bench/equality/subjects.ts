import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { published, type ZooName, zooNames } from '@tandem/core';
import { writeZooFile } from '../models/zoo-file.ts';

/** A model that the equalities are checked on. */
export interface Subject {
  readonly name: string;
  /** Where the model lies, written to `folder` first where it has to be made. */
  file(folder: string): Promise<string>;
}

/** What a float32 model of one file can hold at most, protobuf's 2 GiB. */
const mostParameters = 2 ** 29;

/** Networks whose cuts this check, which writes each half to one file, cannot hold. */
export const zooTooLarge: readonly ZooName[] = zooNames.filter(
  (name) => published[name].parameters >= mostParameters,
);

/** Every network of the zoo that fits in one file; `resolutions` makes some of them smaller, and leaves out those that it does not name. */
export function zooSubjects(resolutions: Partial<Record<ZooName, number>> | 'published'): Subject[] {
  const chosen = zooNames.filter((name) =>
    resolutions === 'published' ? !zooTooLarge.includes(name) : resolutions[name] !== undefined,
  );
  return chosen.map((name) => {
    const resolution = resolutions === 'published' ? undefined : resolutions[name];
    return {
      name: resolution === undefined ? `zoo ${name}` : `zoo ${name} at ${resolution}`,
      file: (folder) => writeZooFile(folder, name, resolution === undefined ? {} : { resolution }),
    };
  });
}

/** Every model file of a folder. */
export async function folderSubjects(folder: string): Promise<Subject[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.onnx')).sort();
  return files.map((file) => ({ name: file.replace(/\.onnx$/, ''), file: async () => join(folder, file) }));
}
