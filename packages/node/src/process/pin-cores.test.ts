import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { allowedCores, coresOf, pinned } from './pin-cores.ts';

const devices = [
  { id: 'a', threads: 2 },
  { id: 'b', threads: 1 },
];

describe('processors of their own', () => {
  it('go to devices in order, as many as they have threads', () => {
    expect([...coresOf(devices, [1, 4, 5, 9])]).toEqual([
      ['a', [1, 4]],
      ['b', [5]],
    ]);
  });

  it.each([[[0, 1]], [null]])('are refused where there are only %j', (cores) => {
    expect(() => coresOf(devices, cores)).toThrow('3 processors');
  });

  it.runIf(process.platform === 'linux')('keep a command where it was put', () => {
    const [core = 0] = allowedCores() ?? [];
    const [program, ...rest] = pinned(['cat', '/proc/self/status'], [core]);
    expect(execFileSync(program, rest).toString()).toMatch(
      new RegExp(`^Cpus_allowed_list:\\s*${core}$`, 'm'),
    );
  });
});
