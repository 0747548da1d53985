import { admittedFrom } from './admitted-from.ts';
import type { DynamicsEvent } from './dynamics-event.ts';
import { ask, type DynamicsWork } from './dynamics-state.ts';

/** The same command again within so long is the same command. */
const debounceSeconds = 1;

/** A command counts at once, whatever was switched of late. */
export function watchCommand(
  { state, now, actions }: DynamicsWork,
  { command }: Extract<DynamicsEvent, { kind: 'command' }>,
): void {
  const { mission } = state;
  const text = JSON.stringify(command);
  const isAgain = text === mission.lastCommand && now < mission.commandedAt + debounceSeconds;
  mission.lastCommand = text;
  mission.commandedAt = now;
  if (isAgain) return;
  const { objective = mission.objective, leastPriority = mission.leastPriority } = command;
  const before = { objective: mission.objective, leastPriority: admittedFrom(state) };
  Object.assign(mission, { ...command, objective, leastPriority });
  const admitted = admittedFrom(state);
  const told = {
    dynamic: 'mission',
    saw: `the command ${text}`,
    considered: 'none: it is a command',
  } as const;
  if (objective !== before.objective)
    actions.push({
      ...told,
      reaction: 'objective',
      why: `${objective} counts from now on`,
      effect: { kind: 'objective', objective },
    });
  if (admitted !== before.leastPriority)
    actions.push({
      ...told,
      reaction: 'admission',
      why: admitted === null ? 'all are let in again' : `requests below priority ${admitted} are shed`,
      effect: { kind: 'admission', leastPriority: admitted },
    });
  ask(state, 'mission', told.saw);
}
