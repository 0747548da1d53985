import { join } from 'node:path';
import { encodeModel, type ZooOptions, zooModel } from '@tandem/core';
import { writeEncoded } from '@tandem/node';

/** Writes a network of the zoo to a file, so that reading it later costs what reading a trained model does. Returns its path. */
export async function writeZooFile(folder: string, name: string, options: ZooOptions = {}): Promise<string> {
  const path = join(folder, `${name}.onnx`);
  await writeEncoded(path, encodeModel(zooModel(name, options)));
  return path;
}
