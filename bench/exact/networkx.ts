import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FlowNetwork } from '@tandem/core';
import { z } from 'zod';

const timedSchema = z.object({
  version: z.string(),
  algorithms: z
    .array(z.object({ name: z.string(), seconds: z.array(z.number()).min(1), value: z.number() }))
    .min(1),
});

/** What every algorithm of networkx takes for a minimum cut of one network, by round. */
export type NetworkxTimes = z.infer<typeof timedSchema>;

const script = fileURLToPath(new URL('./min_cut.py', import.meta.url));

/** Null with the reason where there is no python3 with networkx. Rejects when aborted. */
export async function networkxMinCut(
  network: FlowNetwork,
  rounds: number,
  signal: AbortSignal,
): Promise<NetworkxTimes | string> {
  const { vertices, source, sink, tails, heads, capacities } = network;
  const input = JSON.stringify({
    vertices,
    source,
    sink,
    tails: Array.from(tails),
    heads: Array.from(heads),
    capacities: Array.from(capacities, (capacity) => (Number.isFinite(capacity) ? capacity : null)),
    rounds,
  });
  const answer = await output(input, signal);
  return answer.status === 0
    ? timedSchema.parse(JSON.parse(answer.text))
    : `python3 with networkx did not answer: ${answer.error.trim().split('\n').at(-1) ?? ''}`;
}

interface Answer {
  readonly status: number | null;
  readonly text: string;
  readonly error: string;
}

function output(input: string, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = spawn('python3', [script], { signal });
    let [text, error] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
    child.stderr.setEncoding('utf8').on('data', (part: string) => (error += part));
    child.on('error', (reason) =>
      signal.aborted ? reject(reason) : resolve({ status: null, text: '', error: reason.message }),
    );
    child.on('close', (status) => resolve({ status, text, error }));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
