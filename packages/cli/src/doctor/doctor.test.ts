import { describe, expect, it } from 'vitest';
import { type Check, examine } from './check.ts';
import { doctorJson, doctorText } from './doctor-command.ts';
import { requireVersion } from './machine-checks.ts';
import { requireCapabilities } from './testbed-checks.ts';

const check = (look: Check['look'], severity: Check['severity'] = 'fail'): Check => ({
  name: 'thing',
  severity,
  remedy: 'Mend it.',
  look,
});

describe('examine', () => {
  const broken = async (): Promise<never> => Promise.reject(new Error('it broke\nsomewhere'));
  it.each([
    ['works', check(async () => ({ found: 'fine' })), { status: 'ok', found: 'fine', remedy: null }],
    [
      'works badly',
      check(async () => ({ found: 'slow', well: false })),
      { status: 'warn', found: 'slow', remedy: 'Mend it.' },
    ],
    ['breaks', check(broken), { status: 'fail', found: 'it broke', remedy: 'Mend it.' }],
    [
      'breaks and is not needed',
      check(broken, 'warn'),
      { status: 'warn', found: 'it broke', remedy: 'Mend it.' },
    ],
    [
      'hangs',
      check(() => new Promise(() => undefined)),
      { status: 'fail', found: 'no answer within 0.02 s', remedy: 'Mend it.' },
    ],
  ])('reports what %s', async (_, subject, expected) => {
    expect(await examine(subject, 20)).toEqual({ name: 'thing', ...expected });
  });
});

describe('doctorJson', () => {
  it('is unhealthy only when something fails', async () => {
    const poor = check(async () => Promise.reject(new Error('gone')), 'warn');
    const broken = check(async () => Promise.reject(new Error('gone')));
    expect((await doctorJson([poor])).healthy).toBe(true);
    expect((await doctorJson([poor, broken])).healthy).toBe(false);
    const text = doctorText(await doctorJson([poor, broken]));
    expect(text).toContain('thing: Mend it.');
    expect(text).toContain('cannot run models yet');
  });

  it('finds that this machine, which runs the tests, can run models', async () => {
    expect((await doctorJson()).checks.filter(({ status }) => status === 'fail')).toEqual([]);
  });
});

describe('requireVersion', () => {
  it.each(['20.19.0', '20.20.2', '22.0.0', '24.1.0'])('accepts %s', (version) => {
    expect(() => requireVersion(version)).not.toThrow();
  });
  it.each(['20.18.9', '18.20.0', '19.99.0'])('refuses %s', (version) => {
    expect(() => requireVersion(version)).toThrow(`${version} is older than 20.19`);
  });
});

describe('requireCapabilities', () => {
  it('accepts a process with all of them', () => {
    expect(() => requireCapabilities('Name:\tnode\nCapEff:\t000001ffffffffff\n')).not.toThrow();
  });
  it.each([
    ['CapEff:\t0000000000000000', /CAP_NET_ADMIN and CAP_SYS_ADMIN missing/],
    ['CapEff:\t0000000000001000', /^CAP_SYS_ADMIN missing/],
    ['', /not known/],
  ])('refuses %j', (status, message) => {
    expect(() => requireCapabilities(status)).toThrow(message);
  });
});
