import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSha256 } from '@tandem/node';
import type { CutEqualities } from './equalities.ts';

/** Results of a long sweep, kept as they come, so that an interrupted one goes on where it stopped. */
export interface Progress {
  find(key: string): CutEqualities | undefined;
  add(key: string, result: CutEqualities): void;
}

const file = fileURLToPath(new URL('../../tmp/bench-equality.jsonl', import.meta.url));

/** Results that other code gave are forgotten, as all are when `fresh`. */
export function openProgress(fresh: boolean): Progress {
  const code = codeDigest();
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
    return JSON.parse(line) as { code: string; key: string; result: CutEqualities };
  } catch {
    return null;
  }
}

const sources = [
  'packages/core/src/onnx',
  'packages/core/src/graph',
  'packages/core/src/zoo',
  'packages/runtime/src/execute',
  'packages/runtime/src/wire',
  'packages/node/src/execute',
  'packages/node/src/transport',
  'bench/equality',
  'bench/models',
];

/** Names the code that the results come from. */
function codeDigest(): string {
  const hash = createSha256();
  for (const folder of sources) {
    const path = fileURLToPath(new URL(`../../${folder}/`, import.meta.url));
    const files = readdirSync(path, { recursive: true, encoding: 'utf8' }).sort();
    const code = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
    for (const file of code) hash.update(readFileSync(join(path, file)));
  }
  return hash.hexadecimal();
}
