import type { Answer } from '@tandem/runtime';
import type { PhaseLine } from './stepped-lines.ts';

/** One answer of a phase, or that there was none. */
export interface Ended {
  /** The plan's way of the request. */
  readonly way: number;
  readonly atSeconds: number;
  readonly answer: Pick<Answer, 'stages' | 'transfers'> | null;
  readonly error: string | null;
}

export interface PhaseContext {
  readonly source: string;
  /** By way, what the device with the inputs should take for a request, in the paper's time. */
  readonly sourceSeconds: readonly number[];
  readonly slowMotion: number;
}

type PhaseFigures = Omit<PhaseLine, 'kind' | 'differing'>;

/** What the answers after the first `settling` come to, which took `passed` seconds: by default since the last of those, and there is at least one of each. */
export function phaseFigures(
  ended: readonly Ended[],
  settling: number,
  context: PhaseContext,
  passed: number = (ended.at(-1)?.atSeconds ?? 0) - (ended[settling - 1]?.atSeconds ?? 0),
): PhaseFigures {
  const { source, sourceSeconds, slowMotion } = context;
  const counted = ended.slice(settling);
  const answered = counted.flatMap(({ way, answer }) => (answer === null ? [] : [{ way, answer }]));
  const stages = answered.flatMap(({ answer }) => answer.stages);
  const busy = (isCounted: (device: string) => boolean): number =>
    sum(stages.map(({ device, busySeconds }) => (isCounted(device) ? busySeconds : 0)));
  const due = slowMotion * sum(answered.map(({ way }) => sourceSeconds[way] ?? 0));
  const bits = answered.flatMap(({ answer }) => bitsOf(answer));
  return {
    requestsPerSecond: (slowMotion * answered.length) / passed,
    meanBits: bits.length === 0 ? null : sum(bits) / bits.length,
    failed: ended.filter(({ answer }) => answer === null).length,
    firstError: ended.find(({ error }) => error !== null)?.error ?? null,
    deviceSlowdown: due === 0 ? 1 : busy((device) => device === source) / due,
    serverShare: busy((device) => device !== source) / passed,
  };
}

/** Of every tensor of the answer that crossed as affine codes. */
export const bitsOf = ({ transfers }: Pick<Answer, 'transfers'>): number[] =>
  transfers.flatMap(({ codec }) => (codec.kind === 'affine' ? [codec.bits] : []));

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
