import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CutEqualities } from './equalities.ts';

/** Results of a long sweep, kept as they come, so that an interrupted one goes on where it stopped. */
export interface Progress {
  find(key: string): CutEqualities | undefined;
  add(key: string, result: CutEqualities): void;
}

const file = fileURLToPath(new URL('../../tmp/bench-equality.jsonl', import.meta.url));

/** `code` names the version of what is checked; results of another version are forgotten, as all are when `fresh`. */
export function openProgress(code: string, fresh: boolean): Progress {
  if (fresh) rmSync(file, { force: true });
  mkdirSync(dirname(file), { recursive: true });
  const known = new Map<string, CutEqualities>();
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  for (const line of lines) {
    const kept = parse(line);
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
function parse(line: string): { code: string; key: string; result: CutEqualities } | null {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
