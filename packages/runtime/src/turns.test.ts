import { describe, expect, it } from 'vitest';
import { neverAborted } from './conformance.ts';
import { Turns } from './turns.ts';

/** Work that ends when told to. */
function held() {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { work: () => ended, end };
}

describe('Turns', () => {
  it('lets one in at a time, in the order of asking, also when work fails', async () => {
    const turns = new Turns();
    const log: string[] = [];
    const tasks = ['a', 'b', 'c'].map((name) =>
      turns.run(neverAborted(), async () => {
        log.push(`${name} begins`);
        await Promise.resolve();
        log.push(`${name} ends`);
        if (name === 'b') throw new Error('b failed');
        return name;
      }),
    );
    const results = await Promise.allSettled(tasks);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  });

  it('passes over those who left the line', async () => {
    const turns = new Turns();
    const first = held();
    const controller = new AbortController();
    const log: string[] = [];
    const running = turns.run(neverAborted(), first.work);
    const leaving = turns.run(controller.signal, async () => log.push('left'));
    const staying = turns.run(neverAborted(), async () => log.push('stayed'));
    controller.abort(new Error('enough'));
    await expect(leaving).rejects.toThrow('enough');
    first.end();
    await Promise.all([running, staying]);
    expect(log).toEqual(['stayed']);
  });

  it('is not overtaken by one who asks while a turn changes hands', async () => {
    const turns = new Turns();
    const first = held();
    const log: string[] = [];
    const running = turns
      .run(neverAborted(), first.work)
      .then(() => turns.run(neverAborted(), async () => log.push('late')));
    const waiting = turns.run(neverAborted(), async () => log.push('in line'));
    first.end();
    await Promise.all([running, waiting]);
    expect(log).toEqual(['in line', 'late']);
  });
});
