import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { keepingLearned } from './keeping-learned.ts';

/** Work that ends when it was saved so often. */
function saving(times: number, { isKept = true, isBroken = false } = {}) {
  let saved = 0;
  let resolve = (): void => undefined;
  const enough = new Promise<void>((done) => {
    resolve = done;
  });
  const told: string[] = [];
  const save = async (): Promise<void> => {
    if (++saved >= times) resolve();
    if (isBroken) throw new Error('the disk is full');
  };
  const { signal } = new AbortController();
  const progress = (line: string): void => void told.push(line);
  const keeping = { isKept, save, signal, progress, everySeconds: 0.001 };
  return { keeping, told, enough, count: () => saved };
}

describe('keepingLearned', () => {
  it('saves while the work goes on, and no more when it has ended', async () => {
    const { keeping, enough, count } = saving(3);
    expect(await keepingLearned(keeping, () => enough.then(() => 'done'))).toBe('done');
    const ended = count();
    expect(ended).toBeGreaterThanOrEqual(3);
    await sleep(20);
    expect(count()).toBe(ended);
  });

  it('does not wait for its turn once the work has ended, nor where nothing is kept', async () => {
    const patient = { ...saving(1).keeping, everySeconds: 1e6 };
    expect(await keepingLearned(patient, async () => 7)).toBe(7);
    await expect(keepingLearned(patient, () => Promise.reject(new Error('lost')))).rejects.toThrow('lost');
    const { keeping, count } = saving(1, { isKept: false });
    await keepingLearned(keeping, () => sleep(20));
    expect(count()).toBe(0);
  });

  it('says that saving failed, and goes on', async () => {
    const { keeping, told, enough } = saving(2, { isBroken: true });
    await keepingLearned(keeping, () => enough);
    expect(told.length).toBeGreaterThanOrEqual(1);
    expect(told[0]).toBe('what was learned is not kept: the disk is full');
  });
});
