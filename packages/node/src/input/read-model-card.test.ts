import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidInputError } from '@tandem/core';
import { afterAll, describe, expect, it } from 'vitest';
import { modelCards } from './model-card.ts';
import { readModelCard } from './read-model-card.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-card-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(content: unknown): string {
  const path = join(folder, 'card.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

describe('readModelCard', () => {
  it.each(Object.keys(modelCards))('reads the preset %s, and the same from a file', (name) => {
    const card = readModelCard(name);
    expect(readModelCard(file(card))).toEqual(card);
    expect(readModelCard(file({ preset: name }))).toEqual(card);
  });

  it('takes what differs from a preset, and labels from the file beside it', () => {
    writeFileSync(join(folder, 'labels.txt'), 'cat\r\ndog\n');
    const path = file({ preset: 'raw-255', width: 96, height: 96, labels: 'labels.txt' });
    expect(readModelCard(path)).toEqual({
      ...modelCards['raw-255'],
      width: 96,
      height: 96,
      labels: ['cat', 'dog'],
    });
  });

  it.each([
    [{ preset: 'raw-255', colour: 'PURPLE' }, /card.json: 'colour'/],
    [{ preset: 'raw-255', deviation: [0] }, /'deviation': must be above 0/],
    [{ preset: 'raw-255', scale: 0 }, /'scale': must not be 0/],
    [{ preset: 'raw-255', size: 3 }, /size/],
    [{ preset: 'raw-256' }, /no model card 'raw-256'/],
    [{ colour: 'RGB' }, /'layout'/],
    [{ preset: 'raw-255', labels: 'none.txt' }, /There is no file .*none.txt/],
    ['[1, 2]', /not a JSON object/],
    ['{', /not a JSON object/],
  ])('refuses %j', (content, message) => {
    const path = file(content);
    expect(() => readModelCard(path)).toThrow(InvalidInputError);
    expect(() => readModelCard(path)).toThrow(message);
  });

  it('names the presets, the nearest first', () => {
    expect(() => readModelCard('imagenet-torchvison')).toThrow(
      expect.objectContaining({ remedy: expect.stringMatching(/^Choose one of imagenet-torchvision, /) }),
    );
  });
});
