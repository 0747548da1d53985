import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CancelledError, ConnectionError, seconds, TandemError } from '@tandem/core';
import {
  type Answer,
  type Journal,
  type JournaledGateway,
  JournaledRequests,
  type TensorValue,
} from '@tandem/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileJournal } from './file-journal.ts';

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-journal-'));
  path = join(folder, 'requests');
});
afterEach(() => rm(folder, { recursive: true }));

const { signal } = new AbortController();
const tensor = (...values: number[]): TensorValue => {
  return { name: 'x', type: 'uint8', shape: [values.length], data: Uint8Array.from(values) };
};
const error = { name: 'ConnectionError', message: 'gone', remedy: 'come back' };

async function within<Value>(body: (journal: Journal) => Promise<Value>): Promise<Value> {
  const journal = await fileJournal(path);
  try {
    return await body(journal);
  } finally {
    await journal.close();
  }
}

describe('a journal in a file', () => {
  it('knows what was accepted, how it ended and what was taken', async () => {
    await within(async (journal) => {
      expect(journal.open).toEqual([]);
      for (const key of ['a', 'b', 'c', 'd']) await journal.accepted(key, [tensor(key.charCodeAt(0), 2)]);
      await journal.settled('a', { outputs: [tensor(7)], error: null });
      await journal.settled('b', { outputs: null, error });
      await journal.settled('c', { outputs: [tensor(9)], error: null });
      await journal.taken('c');
    });
    const open = await within(async (journal) => journal.open);
    expect(open).toEqual([
      { key: 'a', inputs: [], outcome: { outputs: [tensor(7)], error: null } },
      { key: 'b', inputs: [], outcome: { outputs: null, error } },
      { key: 'd', inputs: [tensor(100, 2)], outcome: null },
    ]);
  });

  it('loses nothing but the record that was cut short, wherever it was', async () => {
    await within(async (journal) => {
      for (const key of ['a', 'b', 'c']) await journal.accepted(key, [tensor(1, 2, 3)]);
    });
    const whole = await readFile(path);
    for (let length = 0; length < whole.length; length++) {
      await writeFile(path, whole.subarray(0, length));
      const before = await within(async ({ open }) => open.map(({ key }) => key));
      expect(before).toEqual(['a', 'b', 'c'].slice(0, Math.floor((3 * length) / whole.length)));
      await within((journal) => journal.accepted('next', []));
      expect(await within(async ({ open }) => open.map(({ key }) => key))).toEqual([...before, 'next']);
    }
  });

  it('ends at a record that was changed', async () => {
    await within((journal) => journal.accepted('a', [tensor(1)]));
    await appendFile(path, Buffer.alloc(100, 3));
    expect(await within(async ({ open }) => open.length)).toBe(1);
    const bytes = await readFile(path);
    bytes[bytes.length - 1] = 5;
    await writeFile(path, bytes);
    expect(await within(async ({ open }) => open.length)).toBe(0);
  });

  it('does not grow with requests that are over', async () => {
    const journal = await fileJournal(path, { compactBytes: 10_000 });
    await journal.accepted('open', [tensor(1)]);
    for (let index = 0; index < 500; index++) {
      await journal.accepted(`r${index}`, [tensor(...Array.from({ length: 100 }, () => 1))]);
      await journal.settled(`r${index}`, { outputs: [tensor(2)], error: null });
      await journal.taken(`r${index}`);
    }
    expect((await stat(path)).size).toBeLessThan(20_000);
    await journal.close();
    expect(await within(async ({ open }) => open.map(({ key }) => key))).toEqual(['open']);
  });

  it('keeps no inputs of requests that have an outcome, and nothing of those that are taken', async () => {
    const inputs = [tensor(...Array.from({ length: 3000 }, () => 1))];
    const journal = await fileJournal(path, { compactBytes: 10_000 });
    for (const key of ['a', 'b', 'c', 'd']) {
      await journal.accepted(key, inputs);
      await journal.settled(key, { outputs: [tensor(2)], error: null });
    }
    // Those of the last may be in it, since it made the file too large.
    expect((await stat(path)).size).toBeLessThan(2 * 3000);
    await journal.close();
    await within(async (again) => {
      expect(again.open.map(({ key }) => key)).toEqual(['a', 'b', 'c', 'd']);
      await again.taken('b');
      expect(again.open.map(({ key }) => key)).toEqual(['a', 'c', 'd']);
    });
  });

  it('accepts and settles where the file cannot be written anew, and tries again later', async () => {
    const inputs = [tensor(...Array.from({ length: 1000 }, () => 1))];
    const lines: string[] = [];
    const journal = await fileJournal(path, { compactBytes: 5000, log: (line) => lines.push(line) });
    // Nothing can take the place of a folder.
    await rm(path);
    await mkdir(path);
    for (let index = 0; index < 6; index++) {
      await journal.accepted(`r${index}`, inputs);
      await journal.settled(`r${index}`, { outputs: [tensor(index)], error: null });
    }
    expect(lines).toEqual([expect.stringContaining('requests.new cannot be used: EISDIR')]);
    expect(await readdir(folder)).toEqual(['requests']);
    await rmdir(path);
    for (let index = 0; index < 6; index++) await journal.accepted(`s${index}`, inputs);
    await journal.close();
    expect(lines).toHaveLength(1);
    const open = await within(async (again) => again.open.map(({ key, outcome }) => [key, outcome === null]));
    expect(open).toEqual(
      ['r', 's'].flatMap((name) => [0, 1, 2, 3, 4, 5].map((index) => [`${name}${index}`, name === 's'])),
    );
  });

  it('refuses a key twice, and a place that cannot be written', async () => {
    await within(async (journal) => {
      await journal.accepted('a', []);
      await expect(journal.accepted('a', [])).rejects.toMatchObject({ name: 'InvalidInputError' });
      const twice = await Promise.allSettled(['b', 'b'].map((key) => journal.accepted(key, [])));
      expect(twice.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
      await expect(journal.accepted('', [])).rejects.toMatchObject({ name: 'InvalidInputError' });
    });
    await expect(fileJournal(folder)).rejects.toMatchObject({ name: 'ResourceError' });
  });
});

/** Doubles its inputs, until it dies in the middle of the `fatal`th request. */
function gatewayThatDies(fatal: number): JournaledGateway {
  const life = new AbortController();
  let count = 0;
  const run = ([input]: readonly TensorValue[]): TensorValue[] => {
    if (++count === fatal) life.abort(new CancelledError('the gateway was closed', 'Connect again.'));
    life.signal.throwIfAborted();
    if (input?.data[0] === 17) throw new CancelledError('device b: the stage was cancelled', 'Try again.');
    if (input?.data[0] === 13) throw new ConnectionError('no device can', 'Start one.');
    return [tensor(2 * (input?.data[0] ?? 0))];
  };
  const answer = (outputs: TensorValue[]): Answer => {
    return { outputs, exit: null, stages: [], transfers: [], repairs: 0, recut: false, seconds: seconds(0) };
  };
  return {
    closed: life.signal,
    request: async (inputs) => answer(run(inputs)),
    async *stream(items) {
      let index = 0;
      for await (const { inputs } of items) {
        try {
          yield { index: index++, answer: answer(run(inputs)), error: null };
        } catch (cause) {
          if (!(cause instanceof TandemError)) throw cause;
          yield { index: index - 1, answer: null, error: cause };
        }
      }
    },
  };
}

describe('requests that outlive their gateway', () => {
  it('are each answered or reported failed, however often it dies', async () => {
    const outcomes = new Map<string, string>();
    let sent = 0;
    const count = 30;
    for (let life = 0; outcomes.size < count; life++) {
      expect(life).toBeLessThan(count);
      await within(async (journal) => {
        const requests = new JournaledRequests(gatewayThatDies(life < 6 ? 5 : 1000), journal);
        const note = async (key: string, text: string): Promise<void> => {
          expect(outcomes.has(key)).toBe(false);
          outcomes.set(key, text);
          await requests.taken(key);
        };
        try {
          for await (const { key, outcome } of requests.recovered(signal))
            await note(key, outcome.error?.name ?? String(outcome.outputs?.[0]?.data[0]));
          while (sent < count) {
            const value = sent++;
            const outcome = await requests.request(`r${value}`, [tensor(value)], { signal });
            await note(`r${value}`, outcome.error?.name ?? String(outcome.outputs?.[0]?.data[0]));
          }
        } catch (cause) {
          expect(cause).toBeInstanceOf(CancelledError);
        }
      });
    }
    const expected = Array.from({ length: count }, (_, value) => [
      `r${value}`,
      value === 13 ? 'ConnectionError' : value === 17 ? 'CancelledError' : String(2 * value),
    ]);
    expect(Object.fromEntries(outcomes)).toEqual(Object.fromEntries(expected));
  });

  it('gives an outcome again that nobody has taken', async () => {
    await within(async (journal) => {
      const requests = new JournaledRequests(gatewayThatDies(1000), journal);
      await requests.request('r', [tensor(4)], { signal });
    });
    await within(async (journal) => {
      const requests = new JournaledRequests(gatewayThatDies(1), journal);
      const again = [];
      for await (const result of requests.recovered(signal)) again.push(result);
      expect(again).toEqual([{ key: 'r', outcome: { outputs: [tensor(8)], error: null } }]);
    });
  });
});
