import type { Plan, PlannerName } from '@tandem/core';
import { coachEnvelope } from './coach-envelope.ts';
import { type CoachForm, coachForms, jpsForms, networks } from './coach-forms.ts';
import {
  type Network,
  type PlanningContext,
  planOfSetting,
  problemOfSetting,
  type Setting,
} from './coach-testbed.ts';
import {
  oracleThroughput,
  type RecordedLink,
  recordedReplanned,
  recordedThroughput,
} from './recorded-link.ts';
import { excerptOf, type Generation, generationNames, type Recording, recordingsOf } from './recordings.ts';

/** Of each recording, from its start. */
export const excerptSeconds = 60;

/** A plan for one rate of the link, under recordings of which each has another in the mean; Mbit/s. */
export interface RecordedCourse {
  readonly network: Network;
  readonly from: number;
  readonly mean: number;
}

export const recordedCourses: readonly RecordedCourse[] = networks.flatMap((network) =>
  [
    { from: 20, mean: 10 },
    { from: 20, mean: 5 },
    { from: 100, mean: 50 },
  ].map((rates) => ({ network, ...rates })),
);

/** Answers a second over an excerpt, with always a next request. */
export interface RecordedRow extends RecordedCourse {
  readonly generation: Generation;
  readonly recording: string;
  readonly form: CoachForm;
  /** With bits chosen request by request, where the plan cuts inside the network. */
  readonly adapted: number;
  /** The same plan with the bits that it states. */
  readonly fixed: number;
  /** Changing between the planner’s plans for many rates, by what is seen of the link. */
  readonly replanned: number;
  /** The same plans, with every rate known beforehand. */
  readonly oracle: number;
  /** JPS’s plan at 8 bits. */
  readonly jps: number;
}

/** What every course comes to under the recordings of every generation, simulated. */
export async function studyRecordings(
  dataFolder: string,
  context: PlanningContext,
): Promise<readonly RecordedRow[]> {
  const recordings: Recording[] = [];
  for (const generation of generationNames) recordings.push(...(await recordingsOf(dataFolder, generation)));
  const rows: RecordedRow[] = [];
  for (const course of recordedCourses) rows.push(...(await studyCourse(course, recordings, context)));
  return rows;
}

async function studyCourse(
  course: RecordedCourse,
  recordings: readonly Recording[],
  context: PlanningContext,
): Promise<readonly RecordedRow[]> {
  const { network, from, mean } = course;
  const setting: Setting = { network, device: 'NX', megabitsPerSecond: from };
  const problem = problemOfSetting(setting, 'period');
  const jps = await planOfSetting(setting, jpsForms['JPS, 8 bits'], 'period', context);
  const planned: [CoachForm, Plan, readonly [Plan, ...Plan[]]][] = [];
  for (const [form, name] of Object.entries(coachForms) as [CoachForm, PlannerName][]) {
    const fixed = await planOfSetting(setting, name, 'period', context);
    planned.push([form, fixed, await coachEnvelope(setting, name, context)]);
  }
  return recordings.flatMap((recording) => {
    const points = excerptOf(recording, { untilSeconds: excerptSeconds, meanMegabits: mean });
    const link: RecordedLink = { points, untilSeconds: excerptSeconds };
    const throughput = (plan: Plan): number => {
      context.signal.throwIfAborted();
      return recordedThroughput(problem, plan, link);
    };
    const ofJps = throughput(jps);
    return planned.map(([form, plan, plans]): RecordedRow => {
      const fixed = throughput(plan);
      const [first] = plans;
      return {
        ...course,
        generation: recording.generation,
        recording: recording.name,
        form,
        adapted: first.policies === undefined ? fixed : throughput(first),
        fixed,
        replanned: recordedReplanned(problem, plans, link),
        oracle: oracleThroughput(problem, plans, link),
        jps: ofJps,
      };
    });
  });
}
