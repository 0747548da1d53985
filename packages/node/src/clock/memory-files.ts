import type { ControlFiles } from './control-files.ts';

/** Files in memory, for tests: as in the kernel's trees, a folder goes with its files, and only what exists can be written. */
export class MemoryFiles implements ControlFiles {
  readonly values: Map<string, string>;
  /** Every write that was taken. */
  readonly writes: string[] = [];
  /** What a write to a path of the kernel's does beside storing; throws where the kernel would refuse. */
  refuse: (path: string, text: string) => string | null = () => null;
  readonly #newFolder: Readonly<Record<string, string>>;

  /** `newFolder`: what the kernel puts into a folder that is made. */
  constructor(
    values: Readonly<Record<string, string | number>>,
    newFolder: Readonly<Record<string, string>> = {},
  ) {
    this.values = new Map(Object.entries(values).map(([path, value]) => [path, String(value)]));
    this.#newFolder = newFolder;
  }

  async read(path: string): Promise<string | null> {
    return this.values.get(path) ?? null;
  }

  async write(path: string, text: string): Promise<void> {
    const refusal = this.values.has(path) ? this.refuse(path, text) : 'ENOENT';
    if (refusal !== null) throw new Error(refusal);
    this.values.set(path, text);
    this.writes.push(`${path.replace(/^.*\/(cpu\d|tandem-\d+)\//, '$1/')}=${text}`);
  }

  async names(path: string, pattern: RegExp): Promise<string[]> {
    const inside = [...this.values.keys()].filter((each) => each.startsWith(`${path}/`));
    const names = inside.map((each) => each.slice(path.length + 1).split('/')[0] ?? '');
    return [...new Set(names)].filter((name) => pattern.test(name)).sort();
  }

  async makeFolder(path: string): Promise<void> {
    const refusal = this.refuse(path, 'mkdir');
    if (refusal !== null) throw new Error(refusal);
    for (const [name, value] of Object.entries(this.#newFolder)) this.values.set(`${path}/${name}`, value);
  }

  async removeFolder(path: string): Promise<void> {
    for (const each of this.values.keys()) if (each.startsWith(`${path}/`)) this.values.delete(each);
  }
}
