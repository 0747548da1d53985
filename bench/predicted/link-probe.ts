import { text } from 'node:stream/consumers';
import { ExecutionError } from '@tandem/core';
import { z } from 'zod';
import { tsxProgram } from '../pipeline/line-process.ts';
import type { Testbed } from '../testbed/testbed.ts';
import type { MeasuredLink } from './lines.ts';

const program = tsxProgram(new URL('./probe-process.ts', import.meta.url));
const figure = z.number().min(0);
const linkLine = z.object({
  bitsPerSecond: figure,
  perMessageSeconds: figure,
  burstBytes: figure,
  roundTripSeconds: figure,
});

/** Two agents that serve nobody, and the host from which they are asked. */
export interface ProbedWay {
  readonly asker: string;
  readonly from: string;
  readonly to: string;
  readonly token: string;
}

/** Asks the agent at an address for its way to another, as `tandem probe` does. Half the round trip counts as a message's. */
export async function probeLink(
  testbed: Testbed,
  { asker, from, to, token }: ProbedWay,
  signal: AbortSignal,
): Promise<MeasuredLink> {
  const child = testbed.exec(asker, [...program, from, to], { stdio: ['pipe', 'pipe', 'pipe'], signal });
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null)
    throw new ExecutionError('the probe has no pipes', 'Report this: it should not happen.');
  child.on('error', () => undefined);
  stdin.end(token);
  const [answer, errors] = await Promise.all([text(stdout), text(stderr)]);
  signal.throwIfAborted();
  if (answer === '')
    throw new ExecutionError(`no link was measured: ${errors.slice(-2000)}`, 'Run it again.');
  const link = linkLine.parse(JSON.parse(answer));
  return { ...link, perMessageSeconds: link.perMessageSeconds + link.roundTripSeconds / 2 };
}
