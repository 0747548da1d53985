import { mkdir, open, readdir, readFile, rmdir } from 'node:fs/promises';
import { join } from 'node:path';

/** The kernel's files that set something, by path from '/'; tests keep trees of their own. */
export interface ControlFiles {
  /** Without white space at its ends; null for a file that is missing or cannot be read. */
  read(path: string): Promise<string | null>;
  /** To a file that exists. Throws the system's error. */
  write(path: string, text: string): Promise<void>;
  /** The names in a folder that `pattern` matches, in the order of their numbers; none where there is no such folder. */
  names(path: string, pattern: RegExp): Promise<string[]>;
  /** Both throw the system's error. */
  makeFolder(path: string): Promise<void>;
  removeFolder(path: string): Promise<void>;
}

/** The files below `root`. */
export function controlFiles(root = '/'): ControlFiles {
  const at = (path: string): string => join(root, path);
  return {
    read: async (path) => {
      try {
        return (await readFile(at(path), 'utf8')).trim();
      } catch {
        return null;
      }
    },
    write: async (path, text) => {
      const file = await open(at(path), 'r+');
      try {
        await file.write(text);
      } finally {
        await file.close();
      }
    },
    names: async (path, pattern) => {
      try {
        const names = (await readdir(at(path))).filter((name) => pattern.test(name));
        return names.sort((left, right) => left.localeCompare(right, 'en', { numeric: true }));
      } catch {
        return [];
      }
    },
    makeFolder: async (path) => mkdir(at(path)),
    removeFolder: async (path) => rmdir(at(path)),
  };
}
