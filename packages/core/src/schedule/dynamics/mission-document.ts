import { DocumentFaults, type DocumentPlace } from '../../cluster/document-faults.ts';
import {
  choiceField,
  type FieldsOf,
  integerField,
  numberField,
  readFields,
} from '../../cluster/document-fields.ts';
import type { MissionCommand } from './dynamics-event.ts';
import type { DynamicsObjective } from './plan-option.ts';

/** What is wanted of a run, as a person states it: what is not named is as the run began, or without a limit. */
export interface Mission {
  readonly objective?: DynamicsObjective;
  readonly deadlineSeconds?: number;
  readonly mostAccuracyLoss?: number;
  readonly leastPriority?: number;
}

export const missionFields: FieldsOf<Mission> = {
  objective: choiceField(['latency', 'throughput', 'energy'] as const),
  deadlineSeconds: numberField(0, 1e9),
  mostAccuracyLoss: numberField(0, 1),
  leastPriority: integerField(-1000, 1000),
};

/** Reads a mission. Throws InvalidInputError with a line for each fault, at the places that `where` gives. */
export function parseMission(value: unknown, where?: DocumentPlace): Mission {
  const faults = new DocumentFaults(where);
  const mission = readFields<Mission>(value, [], missionFields, faults);
  faults.throwIfAny('State some of objective, deadlineSeconds, mostAccuracyLoss and leastPriority.');
  return mission;
}

/** The command after which just this mission holds, whatever was commanded before. */
export function missionCommand(mission: Mission, objective: DynamicsObjective): MissionCommand {
  return { objective, deadlineSeconds: null, mostAccuracyLoss: null, leastPriority: null, ...mission };
}
