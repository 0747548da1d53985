import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

/** Fills the heap until V8 collects by itself, and prints the most that lay in it over what was in use. */
const program = `
  import { PerformanceObserver } from 'node:perf_hooks';
  import { setImmediate } from 'node:timers/promises';
  import { getHeapStatistics, setFlagsFromString } from 'node:v8';
  import { runInNewContext } from 'node:vm';
  import { collectEarly } from ${JSON.stringify(new URL('collect-early.ts', import.meta.url).href)};
  if (process.env.EARLY === '1') collectEarly();
  const made = () => Array.from({ length: 1000 }, (_, at) => ({ at, more: [at, at, at] }));
  const inUse = Array.from({ length: 200 }, made);
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  const heap = () => getHeapStatistics().used_heap_size;
  const base = heap();
  let collected = false;
  const observer = new PerformanceObserver((list) => {
    collected ||= list.getEntries().some(({ detail }) => detail.kind === 4);
  });
  observer.observe({ entryTypes: ['gc'] });
  let most = base;
  for (let turn = 0; !collected && turn < 5000; turn++) {
    inUse[turn % 20] = made();
    most = Math.max(most, heap());
    await setImmediate();
  }
  console.log(most / base);
`;

async function mostOverInUse(isEarly: boolean): Promise<number> {
  const command = ['--max-semi-space-size=1', '--import', 'tsx', '--input-type=module', '-e', program];
  const env = { ...process.env, EARLY: isEarly ? '1' : '0' };
  const { stdout } = await promisify(execFile)(process.execPath, command, { env });
  return Number(stdout);
}

describe('collectEarly', () => {
  it('has garbage collected before there is twice what is in use', async () => {
    expect(await mostOverInUse(true)).toBeLessThan(2);
    expect(await mostOverInUse(false)).toBeGreaterThan(2);
  }, 60_000);
});
