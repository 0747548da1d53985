import { type Graph, graphOf, type ModelProto, readModel } from '@tandem/core';
import { openFileSource } from '@tandem/node';

/** A model file with its shapes known; its weights stay in the file, which is open until `close`. */
export interface OpenedModel {
  readonly path: string;
  readonly sizeBytes: number;
  readonly model: ModelProto;
  readonly graph: Graph;
  close(): void;
}

export function openModel(path: string): OpenedModel {
  const source = openFileSource(path);
  try {
    const model = readModel(source);
    return { path, sizeBytes: source.size, model, graph: graphOf(model), close: () => source.close() };
  } catch (error) {
    source.close();
    throw error;
  }
}
