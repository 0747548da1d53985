import type { Readable } from 'node:stream';

const longestLine = 4096;

/** Calls `onLine` for each line of UTF-8 text, an unfinished last one included; characters after the first 4096 of a line are dropped. */
export function followLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = (lines.pop() ?? '').slice(0, longestLine);
    for (const line of lines) onLine(line.slice(0, longestLine).replace(/\r$/, ''));
  });
  stream.once('end', () => {
    if (rest !== '') onLine(rest);
  });
  // A pipe that breaks ends the lines; the process's exit says why.
  stream.once('error', () => undefined);
}

/** The newest `limit` lines that were added. */
export interface LastLines {
  add(line: string): void;
  text(): string;
}

export function lastLines(limit: number): LastLines {
  const lines: string[] = [];
  return {
    add: (line) => {
      lines.push(line);
      if (lines.length > limit) lines.shift();
    },
    text: () => lines.join('\n'),
  };
}
