import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../errors.ts';
import { parseTrace } from './parse-trace.ts';

const pairs = (text: string) =>
  parseTrace(text, 'walk.txt').map(({ seconds, bitsPerSecond }) => [seconds, bitsPerSecond]);

function sentenceOf(text: string): string {
  try {
    parseTrace(text, 'walk.txt');
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return '';
}

describe('parseTrace', () => {
  it.each<[string, string, (readonly [number, number])[]]>([
    [
      'spaces',
      '0 20\n1 30',
      [
        [0, 20e6],
        [1, 30e6],
      ],
    ],
    [
      'tabs, other line ends and decimals',
      '0.0\t2.5\r\n1.5\t.5\r',
      [
        [0, 2.5e6],
        [1.5, 0.5e6],
      ],
    ],
    ['comments and empty lines', '# s Mbit/s\n\n  \n  # more\n3 1\n', [[0, 1e6]]],
    [
      'a start that is not 0',
      '10 1\n12 2\n',
      [
        [0, 1e6],
        [2, 2e6],
      ],
    ],
    [
      'a start before 0',
      '-2 1\n3 2\n',
      [
        [0, 1e6],
        [5, 2e6],
      ],
    ],
    [
      'a second twice',
      '0 1\n1 2\n1 3\n2 4\n',
      [
        [0, 1e6],
        [1, 3e6],
        [2, 4e6],
      ],
    ],
    [
      'a rate of 0 among others',
      '0 0\n1 2\n2 0\n',
      [
        [0, 0],
        [1, 2e6],
        [2, 0],
      ],
    ],
  ])('reads %s', (_what, text, expected) => {
    expect(pairs(text)).toEqual(expected);
  });

  it.each([
    ['nothing', '', 'walk.txt: the trace has no measurements, expected at least one.'],
    [
      'no rate above 0',
      '0 0\n1 0',
      'walk.txt: the trace has a rate of 0 at all times, expected one above 0.',
    ],
    ['one number', '0 1\n5', 'walk.txt:2: the line is "5", expected two numbers: seconds and Mbit/s.'],
    ['three numbers', '0 1 2', 'walk.txt:1: the line is "0 1 2", expected two numbers: seconds and Mbit/s.'],
    ['no decimal', '0x10 1', 'walk.txt:1: the line is "0x10 1", expected two numbers: seconds and Mbit/s.'],
    ['no number', 'NaN 1', 'walk.txt:1: the line is "NaN 1", expected two numbers: seconds and Mbit/s.'],
    [
      'infinity',
      '0 Infinity',
      'walk.txt:1: the line is "0 Infinity", expected two numbers: seconds and Mbit/s.',
    ],
    ['a negative rate', '0 -1', 'walk.txt:1: the line has the rate -1 Mbit/s, expected 0 to 1e9.'],
    ['a huge rate', '0 1e300', 'walk.txt:1: the line has the rate 1e300 Mbit/s, expected 0 to 1e9.'],
    ['a huge time', '1e13 1', 'walk.txt:1: the line has the time 1e13, expected seconds up to 1e12.'],
    ['time that goes back', '0 1\n\n-1 1', 'walk.txt:3: the line is 1 s earlier than the line before it.'],
  ])('refuses %s', (_what, text, sentence) => {
    expect(() => parseTrace(text, 'walk.txt')).toThrow(InvalidInputError);
    expect(sentenceOf(text)).toBe(sentence);
  });

  it('bounds lines and points', () => {
    expect(() => parseTrace('0 1\n'.repeat(2 ** 20 + 1), 'long.txt')).toThrow(/4194308 characters/);
    const lines = Array.from({ length: 100_001 }, (_, at) => `${at} 1`);
    expect(() => parseTrace(lines.join('\n'), 'long.txt')).toThrow(/long\.txt:100001: .* one point too many/);
    expect(parseTrace(lines.slice(1).join('\n'), 'long.txt')).toHaveLength(100_000);
  });

  it('answers any text with ascending points that begin at 0, or with an InvalidInputError', () => {
    const word = fc.oneof(
      fc.double({ noNaN: true }).map(String),
      fc.constantFrom('0', '1', '1.5', '2', 'x', '#'),
    );
    const line = fc.array(word, { maxLength: 3 }).map((words) => words.join(' '));
    const text = fc.oneof(
      fc.string(),
      fc.array(line, { maxLength: 8 }).map((lines) => lines.join('\n')),
    );
    fc.assert(
      fc.property(text, (given) => {
        let points: ReturnType<typeof parseTrace>;
        try {
          points = parseTrace(given, 'any.txt');
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidInputError);
          return;
        }
        expect(points[0]?.seconds).toBe(0);
        expect(points.every(({ seconds }, at) => at === 0 || seconds > (points[at - 1]?.seconds ?? 0))).toBe(
          true,
        );
        expect(points.some(({ bitsPerSecond }) => bitsPerSecond > 0)).toBe(true);
      }),
      { numRuns: 500, seed: 51 },
    );
  });
});
