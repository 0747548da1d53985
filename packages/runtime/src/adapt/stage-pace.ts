import type { DynamicsEvent, Report, StageEvent, TraceEvent } from '@tandem/core';
import { keepNewest } from '../keep-newest.ts';

type StageReading = Extract<DynamicsEvent, { kind: 'stage' }>;

/** Stages that have begun; of more the first are forgotten. */
const mostRunning = 1024;

/** How long stages take beside what the plan says that they take, from a trace. */
export class StagePace {
  readonly #predicted: Map<number, readonly number[]> = new Map();
  readonly #running: Map<string, number> = new Map();

  /** What the stages of a deployed version should take; requests run one at a time. */
  know(version: number, { stages }: Report): void {
    this.#predicted.set(
      version,
      stages.map(({ computeSeconds }) => computeSeconds),
    );
  }

  /** Null unless a stage has ended of which it is known what it should take. */
  see(event: TraceEvent): StageReading | null {
    if (event.kind !== 'stage-start' && event.kind !== 'stage-end') return null;
    const { device, version, stage, atSeconds } = event;
    const key = keyOf(event);
    if (event.kind === 'stage-start') {
      this.#running.set(key, atSeconds);
      keepNewest(this.#running, mostRunning);
      return null;
    }
    const since = this.#running.get(key);
    this.#running.delete(key);
    const predictedSeconds = this.#predicted.get(version)?.[stage] ?? 0;
    if (since === undefined || predictedSeconds === 0) return null;
    return { kind: 'stage', device, predictedSeconds, measuredSeconds: atSeconds - since };
  }
}

const keyOf = ({ version, stage, device, requests }: StageEvent): string =>
  JSON.stringify([version, stage, device, requests]);
