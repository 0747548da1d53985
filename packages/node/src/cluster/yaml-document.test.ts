import { InvalidInputError } from '@tandem/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readYaml } from './yaml-document.ts';

describe('readYaml', () => {
  it('gives values and the lines that they stand on', () => {
    const text = [
      'name: home',
      'devices:',
      '  - id: pi',
      '    memory: 1',
      '  - { id: desk, memory: 4 }',
      '',
    ].join('\n');
    const { value, where } = readYaml(text, 'home.yaml');
    expect(value).toEqual({
      name: 'home',
      devices: [
        { id: 'pi', memory: 1 },
        { id: 'desk', memory: 4 },
      ],
    });
    expect([
      where([]),
      where(['name']),
      where(['devices', 0, 'memory']),
      where(['devices', 1]),
      where(['devices', 1, 'nothing']),
    ]).toEqual(['home.yaml:1', 'home.yaml:1', 'home.yaml:4', 'home.yaml:5', 'home.yaml:5']);
  });

  it('reads JSON', () => {
    const { value, where } = readYaml('{\n  "a": [1,\n 2]\n}', 'c.json');
    expect(value).toEqual({ a: [1, 2] });
    expect(where(['a', 1])).toBe('c.json:3');
  });

  it.each([
    ['a: 1\nb: 2\na: 3\n', /^c.yaml:3: Map keys must be unique/],
    ['a: [1\nb: 2\n', /^c.yaml:2: /],
    ['a: 1\n---\nb: 2\n', /^c.yaml:2: a second document/],
    ['', /^c.yaml: there is nothing/],
    ['a: !thing 1\n', /^c.yaml:1: Unresolved tag/],
    ['a: *nowhere\n', /Unresolved alias.*nowhere/],
    [`a: ${'['.repeat(100_000)}`, /^c.yaml:1: values are nested deeper than 32/],
    [`${'- '.repeat(40)}1`, /nested deeper than 32/],
    ['? [1]\n: 2\n', /^c.yaml:1: With stringKeys/],
    [billionLaughs(), /aliases cannot be followed/],
  ])('refuses text %#', (text, message) => {
    expect(() => readYaml(text, 'c.yaml')).toThrow(InvalidInputError);
    expect(() => readYaml(text, 'c.yaml')).toThrow(message);
  });

  it('answers any text with a value or InvalidInputError', () => {
    const piece = fc.constantFrom(
      'a: ',
      '- ',
      '\n',
      '  ',
      '[',
      ']',
      '{',
      '}',
      '&x ',
      '*x',
      '"',
      "'",
      '? ',
      '| ',
      '#',
      '\t',
      '1',
      ',',
      '---\n',
      '%',
      '!t ',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        try {
          readYaml(pieces.join(''), 'c.yaml').where(['a', 0]);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidInputError);
        }
      }),
      { seed: 3, numRuns: 2000 },
    );
  });
});

function billionLaughs(): string {
  const rows = ['a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]'];
  for (let row = 1; row < 9; row++)
    rows.push(
      `a${row}: &a${row} [${Array(10)
        .fill(`*a${row - 1}`)
        .join(', ')}]`,
    );
  return rows.join('\n');
}
