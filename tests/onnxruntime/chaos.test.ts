import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { readChaosFile } from '@tandem/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { finished, startCommand } from '../command-line.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-chaos-test-'));
});
afterEach(async () => rm(folder, { recursive: true }));

async function chaos(scenario: object) {
  const path = join(folder, 'scenario.json');
  await writeFile(path, JSON.stringify({ model: 'zoo:cifar-resnet-8', ...scenario }));
  return await finished(startCommand(folder, ['chaos', path, '--json']));
}

describe('tandem chaos', () => {
  const someDevice: unknown = expect.stringMatching(/^d\d$/);

  it('counts a stream whose agents are frozen, held up and killed', async () => {
    const { status, stdout, stderr } = await chaos({
      requests: 800,
      faults: [
        { kind: 'slow-link', afterRequests: 10, megabitsPerSecond: 50, forSeconds: 0.2 },
        { kind: 'throttle', afterRequests: 30, forSeconds: 0.3 },
        { kind: 'freeze', afterRequests: 60, forSeconds: 0.2 },
        { kind: 'kill', devices: ['d3'], afterRequests: 100 },
      ],
    });
    expect(status, stderr).toBe(0);
    const result: unknown = JSON.parse(stdout);
    expect(result).toMatchObject({
      holds: true,
      requests: 800,
      counts: { answered: 800, failed: 0, lost: 0, wrong: 0, duplicates: 0, outOfOrder: 0 },
      // Whom the first three hit depends on who is at work when they look.
      faults: [
        { kind: 'slow-link', devices: [someDevice], stages: [expect.any(Number)] },
        { kind: 'throttle', devices: [someDevice], stages: [expect.any(Number)] },
        { kind: 'freeze', devices: [someDevice], stages: [expect.any(Number)] },
        { kind: 'kill', devices: ['d3'] },
      ],
    });
    expect(await readdir(folder)).toEqual(['scenario.json']);
  }, 120_000);

  it.each([
    {
      what: 'devices that are back while their loss is repaired',
      fault: { kind: 'freeze', together: 2, forSeconds: 2 },
    },
    { what: 'a frame that is damaged between two healthy devices', fault: { kind: 'corrupt' } },
    { what: 'a device that nobody reaches, and which is well', fault: { kind: 'partition', forSeconds: 2 } },
    { what: 'a wall clock that goes an hour ahead, and back', fault: { kind: 'clock-jump' } },
    { what: 'a wall clock that goes an hour back', fault: { kind: 'clock-jump', jumpSeconds: -3600 } },
  ])(
    'answers everything in spite of $what',
    async ({ fault }) => {
      const faults = [{ ...fault, afterRequests: 20 }];
      const { status, stdout, stderr } = await chaos({
        devices: 4,
        stages: 3,
        paceSeconds: 0.02,
        requests: 60,
        faults,
      });
      expect(status, stderr).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ counts: { answered: 60, lost: 0, wrong: 0 }, notDone: 0 });
    },
    120_000,
  );

  it('answers everything in spite of gateways that are killed, one while an agent is dead', async () => {
    const { status, stdout, stderr } = await chaos({
      devices: 4,
      requests: 300,
      paceSeconds: 0.01,
      faults: [
        { kind: 'gateway-kill', afterRequests: 50, forSeconds: 0 },
        { kind: 'kill', afterRequests: 120 },
        { kind: 'gateway-kill', afterRequests: 125 },
      ],
    });
    expect(status, stderr).toBe(0);
    const told: { faults: { kind: string; inFlight: number; inside: number[] }[] } = JSON.parse(stdout);
    for (const { inFlight, inside } of told.faults.filter(({ kind }) => kind === 'gateway-kill')) {
      expect(inFlight).toBeGreaterThanOrEqual(4);
      expect(inside).not.toEqual([]);
    }
    expect(told).toMatchObject({
      counts: { answered: 300, lost: 0, wrong: 0, duplicates: 0 },
      faults: expect.arrayContaining([expect.objectContaining({ kind: 'gateway-kill', devices: [] })]),
      notDone: 0,
    });
    expect(await readdir(folder)).toEqual(['scenario.json']);
  }, 120_000);

  it('answers everything though the devices that stand by have no room on their disks', async () => {
    const { status, stdout, stderr } = await chaos({
      devices: 4,
      stages: 3,
      requests: 300,
      faults: [
        { kind: 'disk-full', devices: ['d4'], afterRequests: 5, forSeconds: 60 },
        { kind: 'kill', devices: ['d2'], afterRequests: 50 },
      ],
    });
    expect(status, stderr).toBe(0);
    expect(stderr).toMatch(/device d4: a segment could not be written to \S+: EFBIG/);
    expect(JSON.parse(stdout)).toMatchObject({ counts: { answered: 300, lost: 0, wrong: 0 }, notDone: 0 });
  }, 120_000);

  it('loses nothing though the device that stands by gets no memory for what it has to load', async () => {
    const { status, stdout, stderr } = await chaos({
      devices: 4,
      stages: 3,
      requests: 300,
      faults: [
        { kind: 'memory-squeeze', devices: ['d4'], afterRequests: 5, forSeconds: 60 },
        { kind: 'kill', devices: ['d2'], afterRequests: 50 },
      ],
    });
    expect(status, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      counts: { lost: 0, wrong: 0, duplicates: 0 },
      faults: expect.arrayContaining([expect.objectContaining({ kind: 'memory-squeeze', devices: ['d4'] })]),
      notDone: 0,
    });
    expect(stderr).toMatch(/device d4 was lost|device d4: /);
  }, 120_000);

  it('sets the wall clock of a process, and leaves its monotonic clock alone', async () => {
    const file = join(folder, 'ahead');
    await writeFile(file, '0');
    const module = new URL('../../packages/cli/dist/chaos/set-wall-clock.js', import.meta.url);
    module.searchParams.set('ahead', pathToFileURL(file).href);
    const program = `
      const minutesAhead = () => [Date.now(), +new Date(), Date.parse(Date())].map((now) =>
        Math.round((now - performance.timeOrigin - performance.now()) / 60_000));
      const told = [minutesAhead()];
      for (const ahead of [3600, -3600]) {
        require('node:fs').writeFileSync(process.argv[1], String(ahead));
        process.kill(process.pid, 'SIGUSR2');
        await new Promise((resolve) => setTimeout(resolve, 200));
        told.push(minutesAhead());
      }
      console.log(JSON.stringify([...told, new Date(0).toISOString()]));`;
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--import',
      module.href,
      '-e',
      `void (async () => {${program}})()`,
      file,
    ]);
    const epoch = '1970-01-01T00:00:00.000Z';
    expect(JSON.parse(stdout)).toEqual([[0, 0, 0], [60, 60, 60], [-60, -60, -60], epoch]);
  }, 30_000);

  it('says no where the requests end before the faults', async () => {
    const { status, stdout } = await chaos({ requests: 5, faults: [{ kind: 'freeze', afterRequests: 100 }] });
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ holds: false, notDone: 1 });
  }, 60_000);

  it('reads the example', async () => {
    const path = fileURLToPath(new URL('../../examples/chaos.json', import.meta.url));
    expect((await readChaosFile(path)).faults.length).toBeGreaterThan(4);
  });
});
