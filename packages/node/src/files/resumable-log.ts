import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import { canonicalJson, RefusedError } from '@tandem/core';
import type { z } from 'zod';
import { errorCode } from './error-code.ts';

/** Values in a file of JSON lines, the first of which says what is measured: an interrupted measurement goes on from there. */
export class ResumableLog<Value> {
  readonly values: Value[];
  readonly #path: string;

  private constructor(path: string, values: Value[]) {
    this.#path = path;
    this.values = values;
  }

  /** Throws RefusedError when the file at `path` belongs to a measurement of something else. */
  static async open<Value>(
    path: string,
    identity: object,
    schema: z.ZodType<Value>,
  ): Promise<ResumableLog<Value>> {
    const header = canonicalJson(identity);
    const lines = (await textOf(path))?.split('\n');
    if (lines === undefined || (lines.length < 2 && header.startsWith(lines[0] ?? ''))) {
      await writeFile(path, `${header}\n`);
      return new ResumableLog<Value>(path, []);
    }
    if (lines[0] !== header) {
      throw new RefusedError(
        `${path} holds an unfinished measurement of another model, machine, runtime or setting`,
        'Remove it, or give another --output.',
      );
    }
    const values = lines.slice(1).flatMap((line) => valueOf(line, schema));
    await writeFile(path, [header, ...values.map((each) => JSON.stringify(each)), ''].join('\n'));
    return new ResumableLog(path, values);
  }

  async add(value: Value): Promise<void> {
    await appendFile(this.#path, `${JSON.stringify(value)}\n`);
    this.values.push(value);
  }

  async remove(): Promise<void> {
    await rm(this.#path, { force: true });
  }
}

/** A line that was cut short by the interruption counts for nothing. */
function valueOf<Value>(line: string, schema: z.ZodType<Value>): Value[] {
  try {
    return [schema.parse(JSON.parse(line))];
  } catch {
    return [];
  }
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
