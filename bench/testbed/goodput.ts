import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ResourceError } from '@tandem/core';
import { z } from 'zod';
import type { Testbed } from './testbed.ts';

const portLine = z.object({ port: z.int() });
const resultLine = z.object({ bytes: z.number(), seconds: z.number().positive() });
const program = [process.execPath, '--import', 'tsx', fileURLToPath(new URL('./stream.ts', import.meta.url))];

/** Payload rate of one TCP stream of `bytes` between two hosts, in Mbit/s, counted from the first chunk at the receiver. */
export async function measureGoodput(
  testbed: Testbed,
  from: string,
  to: string,
  bytes: number,
): Promise<number> {
  const receiver = testbed.exec(to, [...program, 'serve', testbed.address(to)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = linesOf(receiver);
  const { port } = portLine.parse(await nextLine(lines));
  const target = [testbed.address(to), String(port), String(bytes)];
  testbed.exec(from, [...program, 'send', ...target], { stdio: ['pipe', 'ignore', 'inherit'] });
  const result = resultLine.parse(await nextLine(lines));
  return (result.bytes * 8) / result.seconds / 1e6;
}

function linesOf(child: ChildProcess): AsyncIterator<string> {
  if (child.stdout === null) throw new ResourceError('the stream has no output', 'Start it with a pipe.');
  return createInterface({ input: child.stdout })[Symbol.asyncIterator]();
}

async function nextLine(lines: AsyncIterator<string>): Promise<unknown> {
  const timeout = AbortSignal.timeout(60_000);
  const late = new Promise<never>((_resolve, reject) =>
    timeout.addEventListener('abort', () =>
      reject(new ResourceError('the stream says nothing for 60 s', 'See its error output.')),
    ),
  );
  const line = await Promise.race([lines.next(), late]);
  if (line.done === true)
    throw new ResourceError('the stream ended without a result', 'See its error output.');
  return JSON.parse(line.value);
}
