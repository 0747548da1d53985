import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A Python program that says the version of what it uses, then answers each line with a line. */
export interface PythonLines {
  readonly version: string;
  /** Null once the program has ended. */
  ask(line: string): Promise<string | null>;
  close(): void;
}

export interface PythonOptions {
  /** @default none */
  readonly arguments?: readonly string[];
  /** @default 'python3' */
  readonly interpreter?: string;
  /** Ends it. @default nobody does */
  readonly signal?: AbortSignal;
}

/** Null where there is no such interpreter, or it lacks what the program imports. */
export async function openPython(program: URL, options: PythonOptions = {}): Promise<PythonLines | null> {
  const { arguments: given = [], interpreter = 'python3', signal } = options;
  const python = spawn(interpreter, [fileURLToPath(program), ...given], {
    stdio: ['pipe', 'pipe', 'ignore'],
    ...(signal === undefined ? {} : { signal }),
  });
  python.on('error', () => undefined);
  python.stdin.on('error', () => undefined);
  const lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string | null> => {
    const line = await lines.next();
    return line.done === true ? null : line.value;
  };
  const version = await next();
  if (version === null) return null;
  return {
    version,
    ask: (line) => {
      python.stdin.write(`${line}\n`);
      return next();
    },
    close: () => python.kill(),
  };
}
