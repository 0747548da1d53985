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
  const told = {
    dynamic: 'mission',
    saw: `the command ${text}`,
    considered: 'none: it is a command',
  } as const;
  if (objective !== mission.objective)
    actions.push({
      ...told,
      reaction: 'objective',
      why: `${objective} counts from now on`,
      effect: { kind: 'objective', objective },
    });
  if (leastPriority !== mission.leastPriority)
    actions.push({
      ...told,
      reaction: 'admission',
      why:
        leastPriority === null ? 'all are let in again' : `requests below priority ${leastPriority} are shed`,
      effect: { kind: 'admission', leastPriority },
    });
  Object.assign(mission, { ...command, objective, leastPriority });
  ask(state, 'mission', told.saw);
}
