import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { ExecutionError } from '@tandem/core';
import type { z } from 'zod';

/** What runs a TypeScript file. */
export const tsxProgram = (file: URL): [string, ...string[]] => [
  process.execPath,
  '--import',
  'tsx',
  fileURLToPath(file),
];

/** A process that answers each line of JSON with one, asked one thing after the other. */
export class LineProcess {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #errors: Promise<string>;

  /** Its standard streams have to be pipes. */
  constructor(child: ChildProcess) {
    this.#child = child;
    this.#child.on('error', () => undefined);
    const { stdout, stderr } = this.#child;
    if (stdout === null || stderr === null)
      throw new ExecutionError('the process has no output', 'Report this: it should not happen.');
    this.#errors = text(stderr);
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.stdin?.end();
    await ended;
  }

  async ask<Line>(message: object, schema: z.ZodType<Line>): Promise<Line> {
    this.#child.stdin?.write(`${JSON.stringify(message)}\n`);
    const line = await this.#lines.next();
    if (line.done !== true) return schema.parse(JSON.parse(line.value));
    throw new ExecutionError(`the process ended: ${(await this.#errors).slice(-2000)}`, 'Run it again.');
  }
}
