import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the kernel's files are; tests give folders of their own. */
export interface FileRoots {
  /** @default '/proc' */
  readonly proc: string;
  /** @default '/sys' */
  readonly sys: string;
}

export const kernelRoots: FileRoots = { proc: '/proc', sys: '/sys' };

/** A server with 512 processors describes them in less. */
const longestFile = 2 ** 21;

/** The kernel's small text files. What is missing, unreadable or of another form is null, because kernels differ in what they offer. */
export class SystemFiles {
  readonly #roots: FileRoots;

  constructor(roots: FileRoots) {
    this.#roots = roots;
  }

  /** `path` begins with the name of its root: 'sys/class/thermal'. */
  locate(path: string): string {
    const [root, ...rest] = path.split('/');
    return join(root === 'proc' ? this.#roots.proc : this.#roots.sys, ...rest);
  }

  /** Without the white space and the zero bytes at its ends; null for an empty file. */
  async text(path: string): Promise<string | null> {
    try {
      const file = await open(this.locate(path));
      try {
        return trimmed(await readUpTo(file, longestFile));
      } finally {
        await file.close();
      }
    } catch {
      return null;
    }
  }

  /** A decimal number. */
  async number(path: string): Promise<number | null> {
    const text = await this.text(path);
    return text !== null && /^-?\d+$/.test(text) ? Number(text) : null;
  }

  /** The names in a folder that `pattern` matches, in the order of their numbers; none when there is no such folder. */
  async names(path: string, pattern: RegExp): Promise<string[]> {
    try {
      const names = (await readdir(this.locate(path))).filter((name) => pattern.test(name));
      return names.sort((left, right) => left.localeCompare(right, 'en', { numeric: true }));
    } catch {
      return [];
    }
  }
}

/** The kernel states no sizes for these files: they are read until they end. */
async function readUpTo(file: Awaited<ReturnType<typeof open>>, limit: number): Promise<string> {
  const pieces: Buffer[] = [];
  for (let total = 0; total < limit; ) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(65_536), 0, 65_536, null);
    if (bytesRead === 0) break;
    pieces.push(buffer.subarray(0, bytesRead));
    total += bytesRead;
  }
  return Buffer.concat(pieces).toString('utf8');
}

function trimmed(text: string): string | null {
  const inner = text.replace(/[\s\0]+$/, '').replace(/^[\s\0]+/, '');
  return inner === '' ? null : inner;
}
