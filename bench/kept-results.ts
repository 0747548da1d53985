import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSha256 } from '@tandem/node';

/** Results of a long bench, kept as they come, so that an interrupted one goes on where it stopped. */
export interface KeptResults<Result> {
  find(key: string): Result | undefined;
  add(key: string, result: Result): void;
}

export interface KeptOptions {
  /** Of the bench: names the file. */
  readonly name: string;
  /** Folders of the repository that the results depend on; their tests do not count. */
  readonly sources: readonly string[];
  /** Forget everything. */
  readonly fresh: boolean;
}

interface Line<Result> {
  readonly code: string;
  readonly key: string;
  readonly result: Result;
}

/** Results that other code gave are forgotten. */
export function openKept<Result>({ name, sources, fresh }: KeptOptions): KeptResults<Result> {
  const file = fileURLToPath(new URL(`../tmp/bench-${name}.jsonl`, import.meta.url));
  const code = codeDigest(sources);
  if (fresh) rmSync(file, { force: true });
  mkdirSync(dirname(file), { recursive: true });
  const known = new Map<string, Result>();
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  for (const line of lines) {
    const kept = parse<Result>(line);
    if (kept?.code === code) known.set(kept.key, kept.result);
  }
  return {
    find: (key) => known.get(key),
    add: (key, result) => {
      known.set(key, result);
      appendFileSync(file, `${JSON.stringify({ code, key, result })}\n`);
    },
  };
}

/** The last line of an interrupted run may be cut short. */
function parse<Result>(line: string): Line<Result> | null {
  try {
    return JSON.parse(line) as Line<Result>;
  } catch {
    return null;
  }
}

/** Names the code that the results come from. */
function codeDigest(sources: readonly string[]): string {
  const hash = createSha256();
  for (const folder of sources) {
    const path = fileURLToPath(new URL(`../${folder}/`, import.meta.url));
    const files = readdirSync(path, { recursive: true, encoding: 'utf8' }).sort();
    const code = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
    for (const file of code) hash.update(readFileSync(join(path, file)));
  }
  return hash.hexadecimal();
}
