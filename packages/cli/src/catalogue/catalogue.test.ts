import { catalogueDevices, catalogueEntry, InvalidInputError } from '@tandem/core';
import { describe, expect, it } from 'vitest';
import { catalogueCommand } from './catalogue-command.ts';
import { catalogueJson, entryJson } from './catalogue-json.ts';
import { catalogueText, entryText } from './catalogue-text.ts';
import { figureRows } from './figure-rows.ts';

describe('catalogue', () => {
  it('lists every device and link in a line of at most 110 characters', () => {
    const lines = catalogueText(catalogueJson()).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(110);
    for (const name of [...Object.keys(catalogueDevices), '3g', 'wifi'])
      expect(lines.filter((line) => line.trim().startsWith(`${name} `))).toHaveLength(1);
    expect(lines.find((line) => line.includes('google-edge-tpu'))).toMatch(
      /npu +accelerator +8\.00 MB +– +– +– +2 W/,
    );
  });

  it.each(Object.entries(catalogueDevices))('shows every figure of %s', (_name, { figures }) => {
    expect(figureRows(figures)).toHaveLength(Object.keys(figures).length);
  });

  it('shows a figure with its source', () => {
    const text = entryText(catalogueEntry('raspberry-pi-5'));
    expect(text).toMatch(/^Raspberry Pi 5, 8 GB .*: cpu, board\n/);
    expect(text).toMatch(/clock +1500 MHz to 2400 MHz +maker +Raspberry Pi documentation, overclocking/);
    expect(text).toMatch(/cache, level 2 +512 KiB +maker/);
    expect(text).toMatch(/instruction sets +neon +not verified/);
    expect(entryText(catalogueEntry('jetson-tx2'))).toMatch(
      /power +3 W idle, busy 3 W \+ 12 W × \(f \/ highest\)\^3 +estimate/,
    );
    expect(entryText(catalogueEntry('4g'))).toMatch(
      /rate +11\.22 Mbit\/s +paper +Mu et al\. 2024, Table III/,
    );
  });

  it('answers in JSON with the same figures', () => {
    const { devices, links } = catalogueJson();
    expect(devices.find(({ name }) => name === 'jetson-nano')).toMatchObject({
      memoryBytes: 4e9,
      peakWatts: 10,
    });
    expect(links.map(({ name, megabitsPerSecond }) => [name, megabitsPerSecond])).toContainEqual([
      '5g',
      52.24,
    ]);
    const answers: unknown[] = [];
    const output = { json: true, answer: (value: object) => answers.push(value), progress: () => {} };
    catalogueCommand('mu-raspberry-pi-4b', output);
    catalogueCommand(undefined, output);
    expect(answers).toEqual([
      {
        name: 'mu-raspberry-pi-4b',
        entry: 'device',
        title: 'Raspberry Pi 4B, as Mu et al. reckon',
        kind: 'cpu',
        class: 'board',
        figures: { flopsPerSecond: { value: 3e9, evidence: 'paper', source: 'Mu et al. 2024, Table II' } },
      },
      catalogueJson(),
    ]);
    expect(entryJson('wifi', catalogueEntry('wifi')).figures).toHaveProperty(
      'megabitsPerSecond.value',
      54.19,
    );
  });

  it('refuses an unknown name with the nearest', () => {
    const output = { json: false, answer: () => {}, progress: () => {} };
    expect(() => catalogueCommand('jetson-nan', output)).toThrow(InvalidInputError);
    expect(() => catalogueCommand('jetson-nan', output)).toThrow(/did you mean 'jetson-nano'\?/);
  });
});
