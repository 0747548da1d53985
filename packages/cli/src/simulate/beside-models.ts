import {
  type BesideModel,
  type Metrics,
  type Plan,
  pipelineOf,
  type Scenario,
  type ScenarioPipeline,
  type TraceEvent,
  TraceMeter,
  traceHeader,
} from '@tandem/core';
import type { Output } from '../output.ts';
import { type Prepared, prepare } from '../plan/prepare.ts';
import { formatSeconds } from '../quantities.ts';

/** Above the versions of the scenario's own model and of all that it can be switched to. */
const versionsAside = 10_000;

/** The pipelines of the other models, each planned as if it were alone on the same cluster. */
export async function besidePipelines(
  beside: readonly BesideModel[],
  wishes: Parameters<typeof prepare>[1],
  planFor: (prepared: Prepared, model: BesideModel) => Promise<Plan>,
  output: Output,
): Promise<readonly ScenarioPipeline[]> {
  const pipelines: ScenarioPipeline[] = [];
  for (const [at, other] of beside.entries()) {
    const prepared = await prepare(other.model, wishes, output);
    try {
      const plan = await planFor(prepared, other);
      const version = versionsAside * (at + 1);
      pipelines.push(pipelineOf(prepared.problem, { ...plan, version }, other.pipeline));
    } finally {
      await prepared.loaded.close();
    }
  }
  return pipelines;
}

/** What became of one model's requests alone. */
export interface ModelMetrics {
  readonly model: string;
  readonly requests: Metrics['requests'];
  readonly latencySeconds: Metrics['latencySeconds'];
}

/** Measures each model of a scenario apart, from the events of all. */
export class ModelMeters {
  readonly #meters: readonly TraceMeter[];
  readonly #models: readonly string[];

  /** The scenario's own model goes before those beside it. */
  constructor(scenario: Scenario, models: readonly string[]) {
    this.#models = models;
    this.#meters = models.map(() => new TraceMeter(traceHeader(scenario)));
  }

  push(event: TraceEvent): number {
    if ('version' in event) this.#meters[Math.floor(event.version / versionsAside)]?.add(event);
    return 0;
  }

  metrics(): readonly ModelMetrics[] {
    return this.#meters.map((meter, at) => {
      const { requests, latencySeconds } = meter.metrics({});
      return { model: this.#models[at] ?? '', requests, latencySeconds };
    });
  }
}

export function modelsText(models: readonly ModelMetrics[]): string {
  return models
    .map(({ model, requests: { answered, arrived, failed }, latencySeconds: spread }) => {
      const times =
        spread === null ? '' : `, mean ${formatSeconds(spread.mean)}, p99 ${formatSeconds(spread.p99)}`;
      return `  ${model}: ${answered} of ${arrived} answered, ${failed} failed or shed${times}`;
    })
    .join('\n');
}
