import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseTrace, type Seconds, type TracePoint } from '@tandem/core';
import { systemClock } from '@tandem/node';
import { dataFolder } from '../../tests/data.ts';
import { directionsOf, type Scenario } from './scenario.ts';
import type { Testbed } from './testbed.ts';

/** A bucket takes no rate of 0, so a gap in a recording passes so many Mbit/s. */
const leastMegabits = 0.1;

/** The recording of a link: null, said aloud, where the data folder does not have it. */
export function readLinkTrace(name: string): readonly TracePoint[] | null {
  const path = dataFolder === null ? null : join(dataFolder, 'traces', name);
  if (path === null || !existsSync(path)) {
    console.warn(`SKIPPED: no recording traces/${name} in the data folder.`);
    return null;
  }
  return parseTrace(readFileSync(path, 'utf8'), name);
}

/** What a link is shaped to at a point, Mbit/s. */
export const shapedMegabits = ({ bitsPerSecond }: Pick<TracePoint, 'bitsPerSecond'>): number =>
  Math.max(leastMegabits, bitsPerSecond / 1e6);

/** Whether every recording that the scenario names is there. */
export function hasTraces(scenario: Scenario): boolean {
  return directionsOf(scenario).every(({ trace }) => trace === undefined || readLinkTrace(trace) !== null);
}

export interface Following {
  /** When the recordings began, by systemClock. */
  readonly startSeconds: Seconds;
  /** How late a change came at worst, in seconds. */
  latestSeconds(): number;
  stop(): void;
}

/** From now on every link with a trace has its rate, second by second; the last one stays. Links without one stay as they are. */
export function followTraces(testbed: Testbed): Following {
  const steps = directionsOf(testbed.scenario).flatMap((way) =>
    (way.trace === undefined ? [] : (readLinkTrace(way.trace) ?? [])).map((point) => ({
      at: point.seconds,
      change: () => testbed.setRate(way, shapedMegabits(point)),
    })),
  );
  return followSteps(steps);
}

interface Step {
  /** In seconds from the start. */
  readonly at: number;
  change(): void;
}

/** From now on each step is taken when it is due. */
export function followSteps(unsorted: readonly Step[]): Following {
  const steps = unsorted.toSorted((left, right) => left.at - right.at);
  const begun = systemClock.now();
  const start = performance.now();
  let timer: NodeJS.Timeout | undefined;
  let latest = 0;
  let next = 0;
  const go = (): void => {
    for (; next < steps.length; next++) {
      const step = steps[next];
      const due = 1000 * (step?.at ?? 0) - (performance.now() - start);
      if (due > 0.5) {
        timer = setTimeout(go, due);
        return;
      }
      step?.change();
      latest = Math.max(latest, (performance.now() - start) / 1000 - (step?.at ?? 0));
    }
  };
  go();
  return {
    startSeconds: begun,
    latestSeconds: () => latest,
    stop: () => clearTimeout(timer),
  };
}
