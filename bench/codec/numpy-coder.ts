import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The Python process that codes with numpy. */
export interface NumpyCoder {
  readonly version: string;
  /** Seconds that one tensor took. */
  time(work: 'encode' | 'decode', bits: number): Promise<number>;
  close(): void;
}

/** Null where there is no python3 with numpy. */
export async function openNumpyCoder(tensors: number, elements: number): Promise<NumpyCoder | null> {
  const program = [fileURLToPath(new URL('./numpy_coder.py', import.meta.url)), `${tensors}`, `${elements}`];
  const python = spawn('python3', program, { stdio: ['pipe', 'pipe', 'ignore'] });
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
    time: async (work, bits) => {
      python.stdin.write(`${work} ${bits}\n`);
      const seconds = Number.parseFloat((await next()) ?? '');
      if (Number.isNaN(seconds)) throw new Error('the Python process that codes with numpy has ended');
      return seconds / tensors;
    },
    close: () => python.kill(),
  };
}
