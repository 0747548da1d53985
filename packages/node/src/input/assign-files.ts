import { InvalidInputError } from '@tandem/core';
import type { InputTensor } from './picture-tensor.ts';

export interface AssignedFile {
  readonly input: InputTensor;
  readonly path: string;
}

/**
 * Which file fills which input, in the inputs' order. 'NAME=FILE' names the input; a bare 'FILE' goes to `favoured`, else to the one
 * input that is not named. Throws InvalidInputError unless every input gets exactly one file.
 */
export function assignFiles(
  specifications: readonly string[],
  inputs: readonly InputTensor[],
  favoured: string | undefined,
): AssignedFile[] {
  const paths = new Map<string, string>();
  const bare = specifications.filter((specification) => !assignNamed(specification, inputs, paths));
  for (const path of bare) assign(paths, nameForBare(path, inputs, paths, favoured), path);
  return inputs.map((input) => {
    const path = paths.get(input.name);
    if (path !== undefined) return { input, path };
    throw new InvalidInputError(`The model's input '${input.name}' is not given.`, `Add ${input.name}=FILE.`);
  });
}

/** Input names may hold '=', so the known names are tried, not the first '='. */
function assignNamed(
  specification: string,
  inputs: readonly InputTensor[],
  paths: Map<string, string>,
): boolean {
  const input = inputs.find(({ name }) => specification.startsWith(`${name}=`));
  if (input === undefined) return false;
  assign(paths, input.name, specification.slice(input.name.length + 1));
  return true;
}

function assign(paths: Map<string, string>, name: string, path: string): void {
  const before = paths.get(name);
  if (before !== undefined) {
    throw new InvalidInputError(
      `The input '${name}' is given twice: ${before} and ${path}.`,
      'Give each input once.',
    );
  }
  paths.set(name, path);
}

function nameForBare(
  path: string,
  inputs: readonly InputTensor[],
  paths: ReadonlyMap<string, string>,
  favoured: string | undefined,
): string {
  const free = inputs.filter(({ name }) => !paths.has(name));
  const [only] = free;
  const chosen = free.find(({ name }) => name === favoured) ?? (free.length === 1 ? only : undefined);
  if (chosen !== undefined) return chosen.name;
  const names = inputs.map(({ name }) => `'${name}'`).join(', ');
  throw new InvalidInputError(
    free.length === 0
      ? `${path} is one input too many: the model takes ${names}.`
      : `It is not clear which input ${path} is for; the model takes ${names}.`,
    'Write NAME=FILE.',
  );
}
