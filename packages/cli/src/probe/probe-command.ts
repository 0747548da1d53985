import { writeFile } from 'node:fs/promises';
import { InvalidInputError } from '@tandem/core';
import { clusterEntries, clusterYaml, probeMachine } from '@tandem/node';
import { countList } from '../count-list.ts';
import type { ProbeFlags } from '../flags.ts';
import type { Output } from '../output.ts';
import { stopSignal } from '../stop-signal.ts';
import { descriptionText } from './description-text.ts';
import { slowLines } from './slow-lines.ts';

/** `tandem probe`: what this machine is, what of it was measured, and the entries of a cluster file that say so. */
export async function probeCommand(flags: ProbeFlags, output: Output): Promise<void> {
  const signal = stopSignal();
  requireIdentifier(flags.device);
  const threads = flags.threads === undefined ? {} : { threads: countList('--threads', flags.threads) };
  const onProgress = slowLines(output.progress);
  const description = await probeMachine({ ...threads, signal, onProgress });
  const entries = clusterEntries(description, flags.device);
  const yaml = entries === null ? null : clusterYaml(entries, `measured by tandem probe on ${flags.device}`);
  if (flags.output !== undefined) await save(flags.output, yaml);
  output.answer({ device: flags.device, description, cluster: entries }, () =>
    descriptionText(flags.device, description, yaml),
  );
}

/** Throws InvalidInputError: what a cluster file would refuse as an id is refused before anything is measured. */
function requireIdentifier(id: string): void {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(id)) return;
  throw new InvalidInputError(
    `--device is '${id}', expected 1 to 64 letters, digits, '.', '_' or '-' that start with a letter or digit`,
    'Choose another name.',
  );
}

async function save(path: string, yaml: string | null): Promise<void> {
  if (yaml === null)
    throw new InvalidInputError(
      `${path} is not written: memory or a rate of this machine is not known`,
      'Run the command without --output: it says what is missing and why.',
    );
  await writeFile(path, yaml).catch((cause: unknown) => {
    throw new InvalidInputError(
      `${path} cannot be written`,
      'Give a file in a folder that you may write to.',
      {
        cause,
      },
    );
  });
}
