import { rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { ProtocolError } from '@tandem/core';

/** Names the folder that a parent made for its agent's temporary files. */
export const folderVariable = 'TANDEM_AGENT_FOLDER';
/** Nothing but a folder with such a name is ever removed. */
export const folderPrefix = 'tandem-agent-';

/** How an agent started by `startAgentProcess` is tied to its parent. */
export interface ParentLifeline {
  readonly token: string;
  /** Aborts when the parent is gone. */
  readonly gone: AbortSignal;
}

const longestToken = 4096;

/**
 * The child's half of `startAgentProcess`: reads the token from the first line of `input` (standard input) and watches for its end, which
 * comes with the parent's. Also removes the folder that the parent made, once this process exits. Throws ProtocolError when `input` ends
 * or 4096 characters pass before the first line does.
 */
export function followParent(input: Readable): Promise<ParentLifeline> {
  removeFolderAtExit(process.env[folderVariable]);
  const gone = new AbortController();
  return new Promise((resolve, reject) => {
    let text = '';
    const onText = (more: string): void => {
      text += more;
      const end = text.indexOf('\n');
      if (end < 0 && text.length <= longestToken) return;
      input.off('data', onText).resume();
      letProcessEnd(input);
      if (end >= 0) resolve({ token: text.slice(0, end), gone: gone.signal });
      else reject(noToken(`${longestToken} characters without a line's end`));
    };
    const onEnd = (): void => {
      reject(noToken('its end'));
      gone.abort(new Error('the parent process is gone'));
    };
    input.setEncoding('utf8');
    input.on('data', onText).once('end', onEnd).once('close', onEnd).once('error', onEnd);
  });
}

/** Standard input stays open for as long as the parent lives; watching it must not keep an agent that was stopped alive. */
function letProcessEnd(input: Readable): void {
  if (input instanceof Socket) input.unref();
}

function noToken(found: string): ProtocolError {
  return new ProtocolError(
    `Standard input held ${found}, expected a line with the token.`,
    'Start this agent through `tandem run`, or give it a token of its own.',
  );
}

function removeFolderAtExit(folder: string | undefined): void {
  if (folder === undefined || !basename(folder).startsWith(folderPrefix)) return;
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
}
