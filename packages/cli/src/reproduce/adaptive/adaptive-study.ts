import { type AdaptivePolicy, adaptivePolicy } from './adaptive-policy.ts';
import { type Played, playStream } from './play-stream.ts';
import { recordSubject } from './record-subject.ts';
import type { RecordedCut } from './recorded-sample.ts';
import { deciderFor, type RivalName, rivalNames } from './rivals.ts';
import { type Level, levels, streamOf } from './stream-orders.ts';
import { catalogueSetting, type StreamSetting, wholeSeconds } from './stream-setting.ts';
import { type Subject, subjects } from './subjects.ts';

/** One subject at one cut, under every policy and order. */
export interface CutStudy {
  readonly recorded: RecordedCut;
  readonly policy: AdaptivePolicy;
  readonly setting: StreamSetting;
  /** Mean seconds that calibration foretells: the cut with the least is chosen. Infinite where it would cross raw. */
  readonly foretoldSeconds: number;
  readonly rows: readonly StudyRow[];
  /** The centres on samples of another source; null = there are none. */
  readonly check: Played | null;
}

export interface StudyRow {
  readonly rival: RivalName;
  readonly level: Level;
  readonly played: Played;
}

export interface SubjectStudy {
  readonly subject: Subject;
  readonly cuts: readonly CutStudy[];
  readonly chosen: CutStudy;
  /** The whole model on the device. */
  readonly aloneSeconds: number;
}

const known = new Map<string, Promise<readonly SubjectStudy[]>>();

/** All subjects on the devices of the catalogue; computed once in the life of this process. */
export function studyAll({ dataFolder, signal }: StudyContext): Promise<readonly SubjectStudy[]> {
  const found = known.get(dataFolder) ?? studyEach(dataFolder, signal);
  known.set(dataFolder, found);
  found.catch(() => known.delete(dataFolder));
  return found;
}

async function studyEach(dataFolder: string, signal: AbortSignal): Promise<readonly SubjectStudy[]> {
  const studies: SubjectStudy[] = [];
  for (const subject of subjects) studies.push(await studySubject(subject, dataFolder, signal));
  return studies;
}

interface StudyContext {
  readonly dataFolder: string;
  readonly signal: AbortSignal;
}

/** `settingOf` says what stages take; by default they take what the catalogue's devices do. */
export async function studySubject(
  subject: Subject,
  dataFolder: string,
  signal: AbortSignal,
  settingOf: (recorded: RecordedCut) => StreamSetting | Promise<StreamSetting> = catalogueSetting,
): Promise<SubjectStudy> {
  const cuts: CutStudy[] = [];
  for (const recorded of await recordSubject(subject, dataFolder, signal)) {
    signal.throwIfAborted();
    cuts.push(await studyCut(subject, recorded, await settingOf(recorded)));
  }
  const [first, ...others] = cuts;
  if (first === undefined) throw new RangeError(`${subject.name} has no cut near its fractions`);
  const chosen = others.reduce(
    (best, cut) => (cut.foretoldSeconds < best.foretoldSeconds ? cut : best),
    first,
  );
  return { subject, cuts, chosen, aloneSeconds: wholeSeconds(first.recorded) };
}

async function studyCut(
  { order }: Subject,
  recorded: RecordedCut,
  setting: StreamSetting,
): Promise<CutStudy> {
  const policy = await adaptivePolicy(recorded);
  const rows = levels.flatMap((level) => {
    const stream = streamOf(recorded.judged, order, level);
    return rivalNames.flatMap((rival): StudyRow[] => {
      const decider = deciderFor(rival, policy);
      return decider === null
        ? []
        : [{ rival, level, played: playStream(stream, decider, setting, policy.crossing) }];
    });
  });
  const centres = deciderFor('centres', policy);
  const isChecked = recorded.check.length > 0 && centres !== null;
  return {
    recorded,
    policy,
    setting,
    foretoldSeconds: foretold(policy, setting),
    rows,
    check: isChecked ? playStream(recorded.check, centres, setting, policy.crossing) : null,
  };
}

function foretold({ calibrated, crossing: bits }: AdaptivePolicy, setting: StreamSetting): number {
  if (calibrated.bits.includes(null)) return Number.POSITIVE_INFINITY;
  const { endSeconds, cloudSeconds, bytes, bitsPerSecond } = setting;
  const crossing = (8 * bytes[bits]) / bitsPerSecond;
  return endSeconds + (1 - calibrated.exitShare) * (crossing + cloudSeconds);
}

/** The row of a rival at a level; null where it had no policy. */
export function playedBy({ rows }: CutStudy, rival: RivalName, level: Level): Played | null {
  return rows.find((row) => row.rival === rival && row.level === level)?.played ?? null;
}
