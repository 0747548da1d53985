import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DynamicsSettings, errorRecord, type MissionCommand, missionCommand } from '@tandem/core';
import { readMissionFile } from '@tandem/node';

export interface FollowedMission {
  readonly path: string;
  /** Where the mission names none. */
  readonly objective: NonNullable<DynamicsSettings['objective']>;
  readonly command: (command: MissionCommand) => void;
  readonly progress: (line: string) => void;
  readonly signal: AbortSignal;
}

const lookMilliseconds = 250;

/**
 * Commands what the file says, now and whenever it is written again, until the signal is given. A file with a fault is told of and leaves
 * the mission as it was.
 */
export async function followMission({
  path,
  objective,
  command,
  progress,
  signal,
}: FollowedMission): Promise<void> {
  let seen = '';
  while (!signal.aborted) {
    const state = await stateOf(path);
    if (state !== seen) {
      seen = state;
      try {
        const mission = await readMissionFile(path);
        progress(`the mission from now on: ${JSON.stringify(mission)}`);
        command(missionCommand(mission, objective));
      } catch (error) {
        progress(`the mission stays as it was: ${errorRecord(error).message}`);
      }
    }
    await sleep(lookMilliseconds, undefined, { signal }).catch(() => undefined);
  }
}

/** Another text whenever somebody wrote the file. */
async function stateOf(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => null);
  return found === null ? 'absent' : `${found.ino} ${found.size} ${found.mtimeNs}`;
}
