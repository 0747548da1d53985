import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ResourceError } from '@tandem/core';
import { z } from 'zod';
import type { Testbed } from '../testbed/testbed.ts';
import type { MeasuredLink } from './lines.ts';

const program = [
  process.execPath,
  '--import',
  'tsx',
  fileURLToPath(new URL('./probe-process.ts', import.meta.url)),
];
const addressLine = z.object({ address: z.string() });
const messageLine = z.object({ bytes: z.int(), seconds: z.number().positive() });
type ProbeMessage = z.infer<typeof messageLine>;

const smallBytes = 16 * 1024;
const largeBytes = 512 * 1024;
const repetitions = 5;

/** Sends messages of two sizes from one host to the other, each alone, after a few to warm up. */
export async function probeLink(testbed: Testbed, from: string, to: string): Promise<MeasuredLink> {
  const pipes = { stdio: ['pipe', 'pipe', 'inherit'] } as const;
  const receiver = testbed.exec(to, [...program, 'serve', testbed.address(to)], { stdio: [...pipes.stdio] });
  if (receiver.stdout === null) throw new ResourceError('the probe has no output', 'Start it with a pipe.');
  const warmUp = [smallBytes, smallBytes];
  const counted = Array.from({ length: repetitions }, () => [smallBytes, largeBytes]).flat();
  const messages: ProbeMessage[] = [];
  for await (const line of createInterface({ input: receiver.stdout })) {
    const value: unknown = JSON.parse(line);
    const listening = addressLine.safeParse(value);
    if (listening.success) {
      const sizes = [...warmUp, ...counted].map(String);
      testbed.exec(from, [...program, 'send', listening.data.address, ...sizes], { stdio: [...pipes.stdio] });
    } else messages.push(messageLine.parse(value));
  }
  return linkOf(messages.slice(warmUp.length));
}

/**
 * The line through the least times of the smallest and the largest messages: whatever else runs only adds to them. A message costs no
 * less than nothing.
 */
export function linkOf(messages: readonly ProbeMessage[]): MeasuredLink {
  const sizes = messages.map(({ bytes }) => bytes);
  const [small, large] = [Math.min(...sizes), Math.max(...sizes)];
  const timeOf = (size: number): number =>
    Math.min(...messages.filter(({ bytes }) => bytes === size).map((message) => message.seconds));
  const secondsPerByte = (timeOf(large) - timeOf(small)) / (large - small);
  return {
    bitsPerSecond: 8 / secondsPerByte,
    perMessageSeconds: Math.max(0, timeOf(small) - small * secondsPerByte),
  };
}
