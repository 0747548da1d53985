import { openPython } from '../python-lines.ts';

/** The Python process that codes with numpy. */
export interface NumpyCoder {
  readonly version: string;
  /** Seconds that one tensor took. */
  time(work: 'encode' | 'decode', bits: number): Promise<number>;
  close(): void;
}

/** Null where there is no python3 with numpy. */
export async function openNumpyCoder(tensors: number, elements: number): Promise<NumpyCoder | null> {
  const program = new URL('./numpy_coder.py', import.meta.url);
  const python = await openPython(program, { arguments: [`${tensors}`, `${elements}`] });
  if (python === null) return null;
  return {
    version: python.version,
    time: async (work, bits) => {
      const seconds = Number.parseFloat((await python.ask(`${work} ${bits}`)) ?? '');
      if (Number.isNaN(seconds)) throw new Error('the Python process that codes with numpy has ended');
      return seconds / tensors;
    },
    close: () => python.close(),
  };
}
