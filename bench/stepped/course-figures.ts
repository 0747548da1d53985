import { mostSlowdown } from '../papers/papers-testbed.ts';
import type { PhaseLine } from './stepped-lines.ts';

/** From so much of its time on, the server may be what sets the pace here. */
const mostServerShare = 0.95;

/** A plan at one rate of the link; answers a second in the paper's time. */
export interface Phase {
  readonly megabitsPerSecond: number;
  readonly measured: PhaseLine;
  readonly simulated: number;
}

/** What the link going from rate to rate makes of each plan for the first of them, by planner. */
export interface Course {
  readonly rates: readonly number[];
  readonly dynamic: ReadonlyMap<string, readonly Phase[]>;
  /** With plans made for each rate but the first. */
  readonly afresh: ReadonlyMap<string, readonly Phase[]>;
}

export interface Pair {
  readonly measured: number;
  readonly simulated: number;
}

export interface CourseRow {
  readonly planner: string;
  readonly phase: Phase;
  /** Of the throughput of a plan made for the rate; null where there is none. */
  readonly kept: Pair | null;
  /** Times the throughput of each rival; without those that were not measured. */
  readonly over: ReadonlyMap<string, Pair>;
}

/** Rate by rate, planner by planner; `rivals` are over nobody. */
export function courseRows({ rates, dynamic, afresh }: Course, rivals: readonly string[]): CourseRow[] {
  const at = (phases: readonly Phase[] | undefined, rate: number): Phase | undefined =>
    phases?.find(({ megabitsPerSecond }) => megabitsPerSecond === rate);
  return rates.flatMap((rate) =>
    [...dynamic].flatMap(([planner, phases]): CourseRow[] => {
      const phase = at(phases, rate);
      if (phase === undefined) return [];
      const fresh = at(afresh.get(planner), rate);
      const others = rivals.includes(planner) ? [] : rivals;
      const over = others.flatMap((rival): [string, Pair][] => {
        const other = at(dynamic.get(rival), rate);
        return other === undefined ? [] : [[rival, ratioOf(phase, other)]];
      });
      return [
        {
          planner,
          phase,
          kept: fresh === undefined ? null : ratioOf(phase, fresh),
          over: new Map(over),
        },
      ];
    }),
  );
}

const ratioOf = (own: Phase, other: Phase): Pair => ({
  measured: own.measured.requestsPerSecond / other.measured.requestsPerSecond,
  simulated: own.simulated / other.simulated,
});

/** Why a run does not stand for the devices that it imitates; null where it does. */
export function disbeliefOf(phases: readonly Phase[]): string | null {
  for (const { megabitsPerSecond, measured } of phases) {
    const { failed, firstError, differing, deviceSlowdown, serverShare } = measured;
    const where = `at ${megabitsPerSecond} Mbit/s`;
    if (failed > 0) return `${where} ${failed} requests failed: ${firstError ?? ''}`;
    if (differing > 0) return `${where} ${differing} answers were not bit for bit the first of their kind.`;
    if (deviceSlowdown > mostSlowdown)
      return `${where} its device took ${deviceSlowdown.toFixed(2)} times what it should.`;
    if (serverShare > mostServerShare)
      return `${where} the server, which is one core here, was busy for ${(100 * serverShare).toFixed(0)} % of the time.`;
  }
  return null;
}

/** For whoever waits: measured (simulated), and what speaks for or against it. */
export function phaseText({ megabitsPerSecond, measured, simulated }: Phase): string {
  const { requestsPerSecond, meanBits, deviceSlowdown, serverShare } = measured;
  const bits = meanBits === null ? '' : `${meanBits.toFixed(2)} bits, `;
  const load = `device × ${deviceSlowdown.toFixed(2)}, server ${(100 * serverShare).toFixed(0)} %`;
  return `${requestsPerSecond.toFixed(2)} (${simulated.toFixed(2)})/s at ${megabitsPerSecond} Mbit/s [${bits}${load}]`;
}
