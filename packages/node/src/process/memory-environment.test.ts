import { afterEach, expect, it, vi } from 'vitest';
import { memoryEnvironment } from './memory-environment.ts';

afterEach(() => vi.unstubAllEnvs());

it.each([
  ['', '--max-semi-space-size=1'],
  ['--no-warnings', '--no-warnings --max-semi-space-size=1'],
  ['--max-semi-space-size=8', '--max-semi-space-size=8'],
])('adds to the options %o of Node what they lack', (given, expected) => {
  vi.stubEnv('NODE_OPTIONS', given);
  expect(memoryEnvironment()['NODE_OPTIONS']).toBe(expected);
});

it('leaves what somebody has set', () => {
  vi.stubEnv('MALLOC_TRIM_THRESHOLD_', '1');
  expect(memoryEnvironment()).not.toHaveProperty('MALLOC_TRIM_THRESHOLD_');
});
