import { InvalidInputError } from '../errors.ts';
import { bitsPerSecond, seconds } from '../units.ts';
import type { TracePoint } from './rate.ts';

/** A trace may have as many points; the longest that are published have a few thousand. */
const mostPoints = 100_000;
const mostCharacters = 2 ** 22;
const decimal = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$/;
const remedy = 'Give one measurement a line, `seconds Mbit/s`, with time going on and rates from 0 to 1e9.';

/**
 * The steps of a link's rate from text: a line is `seconds Mbit/s` (1 Mbit/s = 1e6 bit/s), separated by spaces or a tab; empty
 * lines and lines that begin with # are passed over. Times are shifted so that the first is 0. Of lines with the same time the last
 * counts, since a recorder that is late writes a second twice. `name` stands in messages. Throws InvalidInputError that names the
 * line: no two numbers, time that goes back, a rate below 0 or beyond 1e9, more than 100 000 points, no line, a rate always 0.
 */
export function parseTrace(text: string, name: string): readonly TracePoint[] {
  if (text.length > mostCharacters)
    throw fault(name, `the trace has ${text.length} characters, expected at most ${mostCharacters}`);
  const points: TracePoint[] = [];
  let start: number | null = null;
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue;
    const where = `${name}:${index + 1}`;
    const [time, megabits] = numbersOf(line, where);
    start ??= time;
    addPoint(points, { seconds: time - start, bitsPerSecond: megabits * 1e6 }, where);
  }
  if (points.length === 0) throw fault(name, 'the trace has no measurements, expected at least one');
  if (points.every((point) => point.bitsPerSecond === 0))
    throw fault(name, 'the trace has a rate of 0 at all times, expected one above 0');
  return points;
}

function numbersOf(line: string, where: string): readonly [time: number, megabits: number] {
  const words = line.trim().split(/\s+/);
  const [time = '', megabits = ''] = words;
  if (words.length !== 2 || !decimal.test(time) || !decimal.test(megabits))
    throw fault(
      where,
      `the line is ${JSON.stringify(line.slice(0, 60))}, expected two numbers: seconds and Mbit/s`,
    );
  if (Math.abs(Number(time)) > 1e12)
    throw fault(where, `the line has the time ${time}, expected seconds up to 1e12`);
  if (!(Number(megabits) >= 0 && Number(megabits) <= 1e9))
    throw fault(where, `the line has the rate ${megabits} Mbit/s, expected 0 to 1e9`);
  return [Number(time), Number(megabits)];
}

function addPoint(
  points: TracePoint[],
  { seconds: time, bitsPerSecond: rate }: { readonly seconds: number; readonly bitsPerSecond: number },
  where: string,
): void {
  const before = points.at(-1)?.seconds ?? 0;
  if (time < before) throw fault(where, `the line is ${before - time} s earlier than the line before it`);
  if (time === before) points.pop();
  if (points.length >= mostPoints)
    throw fault(where, `the line is one point too many, expected at most ${mostPoints}`);
  points.push({ seconds: seconds(time), bitsPerSecond: bitsPerSecond(rate) });
}

function fault(where: string, what: string): InvalidInputError {
  return new InvalidInputError(`${where}: ${what}.`, remedy);
}
